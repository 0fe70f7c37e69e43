import { parseIp } from "../../../machine/ip.ts";
import { latin1 } from "../fields.ts";
import { AUTHORITY, isDigit, PATH, QUERY, SCHEME } from "../octets.ts";

/** The target of a request (RFC 9112, section 3.2). */
export interface Target {
  /** As sent, with the query. */
  readonly path: string;
  readonly authority: string | undefined;
  readonly scheme: string | undefined;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const SLASH = 0x2f;
const COLON = 0x3a;
const QUESTION = 0x3f;

const asterisk: Target = { path: "*", authority: undefined, scheme: undefined };
const root: Target = { path: "/", authority: undefined, scheme: undefined };

/** Parses a target; undefined if it is malformed, or not allowed for this method. */
export function targetOf(method: string, bytes: Uint8Array, start: number, end: number): Target | undefined {
  if (start === end) return undefined;
  const first = bytes[start];
  if (first === SLASH) {
    if (end - start === 1) return root;
    const path = pathAndQueryOf(bytes, start, end);
    return path === undefined ? undefined : { path, authority: undefined, scheme: undefined };
  }
  if (first === 0x2a && end - start === 1) return method === "OPTIONS" ? asterisk : undefined;
  return absoluteForm(bytes, start, end);
}

function absoluteForm(bytes: Uint8Array, start: number, end: number): Target | undefined {
  let colon = start;
  while (colon < end && SCHEME[bytes[colon]!] !== 0) colon++;
  const from = colon + 3;
  const isAbsolute = bytes[colon] === COLON && bytes[colon + 1] === SLASH && bytes[colon + 2] === SLASH && from < end;
  if (!isAbsolute || !isLetter(bytes[start]!)) return undefined;
  let to = from;
  while (to < end && bytes[to] !== SLASH && bytes[to] !== QUESTION) to++;
  const authority = authorityOf(bytes, from, to);
  const path = pathAndQueryOf(bytes, to, end);
  if (authority === undefined || path === undefined) return undefined;
  const scheme = latin1(bytes, start, colon).toLowerCase();
  return { path: path.startsWith("/") ? path : `/${path}`, authority, scheme };
}

function isLetter(byte: number): boolean {
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

/** Returns a path and query as text; undefined if it is malformed, or not UTF-8. */
function pathAndQueryOf(bytes: Uint8Array, start: number, end: number): string | undefined {
  let at = start;
  let high = 0;
  for (; at < end && PATH[bytes[at]!] !== 0; at++) high |= bytes[at]!;
  if (at < end && bytes[at] === QUESTION) for (at++; at < end && QUERY[bytes[at]!] !== 0; at++) high |= bytes[at]!;
  if (at < end) return undefined;
  return high < 0x80 ? latin1(bytes, start, end) : utf8Of(bytes.subarray(start, end));
}

function utf8Of(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** Returns a host with an optional port (RFC 9110, section 7.2), as sent; undefined if it is malformed. */
export function authorityOf(bytes: Uint8Array, start: number, end: number): string | undefined {
  let name = end;
  while (name > start && isDigit(bytes[name - 1]!)) name--;
  const hostEnd = name > start && bytes[name - 1] === COLON ? name - 1 : end;
  if (hostEnd === start || (hostEnd < end && !isPort(bytes, name, end))) return undefined;
  let plain = true;
  for (let at = start; at < hostEnd; at++) {
    const byte = bytes[at]!;
    if (AUTHORITY[byte] === 0) return undefined;
    if (byte === COLON || byte === 0x5b || byte === 0x5d) plain = false;
  }
  return plain || isIpv6(latin1(bytes, start, hostEnd)) ? latin1(bytes, start, end) : undefined;
}

/** Whether it is a port. It may be empty. */
function isPort(bytes: Uint8Array, start: number, end: number): boolean {
  let port = 0;
  for (let at = start; at < end && port <= 65_535; at++) port = 10 * port + bytes[at]! - 0x30;
  return port <= 65_535;
}

function isIpv6(host: string): boolean {
  return host.startsWith("[") && host.endsWith("]") && parseIp(host.slice(1, -1))?.tag === "ipv6";
}
