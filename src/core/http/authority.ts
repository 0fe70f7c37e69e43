import { parseIp } from "../../machine/ip.ts";
import { type Host, parseHost } from "../addresses/host.ts";

/** The destination of a request. */
export interface Destination {
  readonly host: Host;
  readonly port: number;
}

/** The unreserved and reserved characters of RFC 3986, section 2. */
const uriCharacters = /^[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]*$/;

/** The most colons that the longest address with a port has. */
const MAX_COLONS = 8;

/**
 * Whether `text` is an authority (RFC 3986, section 3.2) by the rules of Rust's http: with user information, or with an invalid
 * port.
 */
export function isAuthority(text: string): boolean {
  if (text === "" || !uriCharacters.test(text) || /[/?#]/.test(text) || text.endsWith("@")) return false;
  const host = text.slice(text.lastIndexOf("@") + 1);
  // At most one pair of brackets, user information included.
  const brackets = text.replace(/[^[\]]/g, "");
  if (brackets !== "" && brackets !== "[]") return false;
  const opened = text.indexOf("[");
  if (opened >= 0 && text.slice(0, opened).replace(/^.*@/, "").includes("%")) return false;
  const runs = text.split(/[@\]]/);
  if (runs.some((run) => run.split(":").length - 1 > MAX_COLONS)) return false;
  const afterBracket = host.slice(host.lastIndexOf("]") + 1);
  return afterBracket.split(":").length <= 2 && !afterBracket.includes("%");
}

/** Whether the port of a valid authority, if there is one, is a u16. */
export function hasNumericPort(authority: string): boolean {
  if (!authority.slice(authority.lastIndexOf("]") + 1).includes(":")) return true;
  const port = authority.slice(authority.lastIndexOf(":") + 1);
  return /^\+?\d+$/.test(port) && Number(port) <= 65_535;
}

/** Returns the destination of a valid authority; undefined if it has none. */
export function destinationOf(authority: string, secure: boolean): Destination | undefined {
  const [, name = authority, digits] = /^(.*):(\d{1,5})$/.exec(authority) ?? [];
  const port = digits === undefined ? (secure ? 443 : 80) : Number(digits);
  // An invalid port makes it a name that cannot exist.
  const host = port > 65535 ? undefined : hostOf(name);
  return host && { host, port };
}

function hostOf(name: string): Host | undefined {
  // Other special characters do not occur: a valid authority has them in its user information at most.
  if (name.includes("@")) return undefined;
  const address = name.startsWith("[") && name.endsWith("]") ? parseIp(name.slice(1, -1)) : undefined;
  if (address !== undefined) return address.tag === "ipv6" ? { tag: "address", address } : undefined;
  return name.includes(":") ? undefined : parseHost(name);
}
