import { type ErrorCode, type IpAddress, type LookupHandle, READABLE } from "../adapters/contract.ts";
import { parseIp } from "../adapters/ip.ts";
import { Condition } from "./condition.ts";
import { Pollable } from "./pollable.ts";
import { Resource } from "./resource.ts";
import type { SocketContext } from "./socket-context.ts";

/** What a guest's name is: an address written out, a name to ask for, or neither. */
export type Host =
  | { readonly tag: "address"; readonly address: IpAddress }
  | { readonly tag: "domain"; readonly name: string };

/** What a host may not hold, before and after percent-decoding (WHATWG URL, forbidden host code points, and the port's colon). */
const forbidden = /[\0-\x20#/:<>?@[\\\]^|\x7f]/;

/**
 * A label that stands for one beyond ASCII (RFC 3492), or claims to; not for `xn--` again, where runtimes differ from wasmtime.
 */
const punycode = /(^|\.)xn--(?!xn--)/;

/**
 * Reads a host as WHATWG's host parser does (wasmtime: `url::Host::parse`): percent-decoding, IDNA, IPv4 in all its forms
 * (`127.1`, `0x7f.1`), IPv6 in brackets; and beyond it IPv6 without brackets. Undefined: invalid.
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
  // Node looks into ASCII labels of this kind only where the name has others, too.
  if (punycode.test(url.hostname) && URL.parse(`http://é.${url.hostname}/`) === null) return undefined;
  const address = parseIp(url.hostname);
  return address === undefined ? { tag: "domain", name: url.hostname } : { tag: "address", address };
}

/** `wasi:sockets/ip-name-lookup.resolve-address-stream` */
export class ResolveAddressStream extends Resource {
  readonly #cx: SocketContext;
  readonly #readiness: Condition;
  readonly #name: string;
  #lookup: LookupHandle | undefined;
  #answer: readonly IpAddress[] | ErrorCode;
  #next = 0;

  constructor(cx: SocketContext, name: string, pending: LookupHandle | undefined, answer: readonly IpAddress[]) {
    super();
    this.#cx = cx;
    this.#name = name;
    this.#lookup = pending;
    if (pending !== undefined) cx.poll.opened(pending);
    this.#answer = pending === undefined ? answer : "would-block";
    this.#readiness = pending === undefined ? Condition.ready() : Condition.source(pending.source, READABLE);
    // Asked even if the guest does not: a look-up behind this one may begin once its answer was seen.
    if (pending !== undefined) this.#readiness.confirm = () => pending.addresses() !== "would-block";
  }

  /** Starts a look-up; whether look-ups are allowed is asked first, even for literals and what is no name. */
  static resolve(cx: SocketContext, text: string): ResolveAddressStream | ErrorCode {
    if (!cx.policy.allowsLookup(undefined)) return "permanent-resolver-failure";
    const host = parseHost(text);
    if (host === undefined) return "invalid-argument";
    if (host.tag === "address") return new ResolveAddressStream(cx, text, undefined, [host.address]);
    if (!cx.policy.allowsLookup(host.name.replace(/\.$/, ""))) return "permanent-resolver-failure";
    const lookup = cx.machine.net.lookup(host.name);
    return typeof lookup === "string" ? lookup : new ResolveAddressStream(cx, host.name, lookup, []);
  }

  /** The next address; undefined after the last; a failure is answered every time. */
  resolveNextAddress(): IpAddress | undefined | ErrorCode {
    if (this.#lookup !== undefined) this.#poll(this.#lookup);
    if (typeof this.#answer === "string") return this.#answer;
    return this.#answer[this.#next++];
  }

  #poll(lookup: LookupHandle): void {
    const answer = lookup.addresses();
    if (answer === "would-block") return;
    this.#answer = answer;
    this.#lookup = undefined;
    this.#cx.poll.close(lookup);
    this.#readiness.settle();
    if (typeof answer === "string") return;
    for (const address of answer) this.#cx.policy.learn(this.#name.replace(/\.$/, ""), address);
  }

  subscribe(): Pollable {
    return new Pollable(this.#readiness, this.#cx.poll.now(), this);
  }

  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    if (this.#lookup !== undefined) this.#cx.poll.close(this.#lookup);
  }
}
