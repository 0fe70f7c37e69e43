import type { IpAddress } from "../../machine/address.ts";
import { parseIp } from "../../machine/ip.ts";

/** A host as a guest writes it: an address, or a domain name to look up. */
export type Host =
  | { readonly tag: "address"; readonly address: IpAddress }
  | { readonly tag: "domain"; readonly name: string };

/**
 * Characters that no host contains, before and after percent-decoding (WHATWG URL: forbidden host code points, and the colon of a
 * port).
 */
const forbidden = /[\0-\x20#/:<>?@[\\\]^|\x7f]/;

/** A punycode label (RFC 3492), valid or not. Not `xn--` twice, where runtimes differ from wasmtime. */
const punycode = /(^|\.)xn--(?!xn--)/;

/**
 * Reads a host as WHATWG's host parser does (wasmtime: `url::Host::parse`): percent-decoding, IDNA, IPv4 in all its forms (`127.1`,
 * `0x7f.1`), IPv6 in brackets. IPv6 without brackets is accepted, too. Undefined if invalid.
 */
export function parseHost(text: string): Host | undefined {
  const literal = parseIp(text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text);
  if (literal !== undefined) {
    const bracketedIpv4 = literal.tag === "ipv4" && text.startsWith("[");
    return bracketedIpv4 ? undefined : { tag: "address", address: literal };
  }
  if (forbidden.test(text)) return undefined;
  const url = URL.parse(`http://${text}/`);
  if (url === null || url.hostname === "") return undefined;
  // Node validates ASCII punycode labels only if the name has other labels, too.
  if (punycode.test(url.hostname) && URL.parse(`http://é.${url.hostname}/`) === null) return undefined;
  const address = parseIp(url.hostname);
  return address === undefined ? { tag: "domain", name: url.hostname } : { tag: "address", address };
}
