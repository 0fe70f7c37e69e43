import type { HttpField } from "../error-code.ts";
import { CR, LF } from "../field-lines.ts";
import { isDigit, LOWER, VALUE } from "../octets.ts";
import { isBlank, methodOf, nameOf } from "./known.ts";
import type { ServerLimits } from "./limits.ts";
import { RequestFields } from "./request-fields.ts";
import { targetOf } from "./request-target.ts";

const COLON = 0x3a;
const SPACE = 0x20;

/** Results of `RequestHeadParser.parse` other than an offset. */
export const INCOMPLETE = -1;
export const FAILED = -2;

const version = Uint8Array.from("HTTP/", (character) => character.charCodeAt(0));

/** The head of an incoming request. */
export class ParsedRequestHead {
  /** As sent, a token. */
  readonly method: string;
  /** As sent, with the query. `*` stays `*`. */
  readonly path: string;
  /** As sent: the authority of an absolute target, otherwise the value of Host. */
  readonly authority: string | undefined;
  /** The scheme of an absolute target, in lower case; undefined if the target is not absolute. */
  readonly scheme: string | undefined;
  /** The minor version: 1 for HTTP/1.1. */
  readonly minor: 0 | 1;
  /** The lines of the fields, with the empty line that ends them. */
  readonly #lines: Uint8Array;
  #headers: readonly HttpField[] | undefined;

  constructor(
    method: string,
    path: string,
    authority: string | undefined,
    scheme: string | undefined,
    minor: 0 | 1,
    lines: Uint8Array,
  ) {
    this.method = method;
    this.path = path;
    this.authority = authority;
    this.scheme = scheme;
    this.minor = minor;
    this.#lines = lines;
  }

  /** All fields in order, with names in lower case. Made on first use. */
  get headers(): readonly HttpField[] {
    this.#headers ??= fieldsOf(this.#lines);
    return this.#headers;
  }
}

/** @param lines Fields that the parser has accepted */
function fieldsOf(lines: Uint8Array): HttpField[] {
  const fields: HttpField[] = [];
  for (let at = 0; lines[at] !== CR; ) {
    const colon = lines.indexOf(COLON, at);
    const lineEnd = lines.indexOf(CR, colon);
    let start = colon + 1;
    let end = lineEnd;
    while (start < end && isBlank(lines[start]!)) start++;
    while (end > start && isBlank(lines[end - 1]!)) end--;
    fields.push([nameOf(lines, at, colon), lines.subarray(start, end)]);
    at = lineEnd + 2;
  }
  return fields;
}

/**
 * Reads heads of requests (RFC 9112, sections 2 to 5), to the letter: lines end with CR LF, fields are not folded, no white space
 * before a colon. One parser serves all connections: its results are valid until the next call.
 */
export class RequestHeadParser {
  readonly #limits: ServerLimits;
  /** The status for a malformed head. */
  status = 0;
  /** The last complete head, and its fields that belong to the connection. */
  head: ParsedRequestHead | undefined;
  readonly fields = new RequestFields();
  #method = 0;
  #target = 0;
  #targetEnd = 0;
  #minor: 0 | 1 = 1;

  constructor(limits: ServerLimits) {
    this.#limits = limits;
  }

  /**
   * Parses the head that begins at `start`. Returns the offset of its end. INCOMPLETE: it does not end before `end`; call again
   * with the same bytes and more. FAILED: it is malformed, see `status`.
   */
  parse(bytes: Uint8Array, start: number, end: number): number {
    const lines = this.#requestLine(bytes, start, end);
    if (lines === INCOMPLETE && end - start > this.#limits.maxHeadSize) return this.#fail(414);
    if (lines < 0) return lines;
    this.fields.reset();
    const over = this.#fieldLines(bytes, lines, end);
    const size = (over === INCOMPLETE ? end : over) - start;
    if (over === FAILED) return over;
    if (size > this.#limits.maxHeadSize) return this.#fail(lines - start > this.#limits.maxHeadSize ? 414 : 431);
    return over === INCOMPLETE ? over : this.#finish(bytes, start, lines, over);
  }

  #fail(status: number): number {
    this.status = status;
    return FAILED;
  }

  #finish(bytes: Uint8Array, start: number, lines: number, end: number): number {
    const method = methodOf(bytes, start, this.#method);
    // The bytes after it would belong to a tunnel, which this server does not offer.
    if (method === "CONNECT") return this.#fail(501);
    const target = targetOf(method, bytes, this.#target, this.#targetEnd);
    if (target === undefined) return this.#fail(400);
    const { fields } = this;
    fields.check(this.#minor, this.#limits.maxBodySize);
    if (fields.status !== 0) return this.#fail(fields.status);
    const { path, authority, scheme } = target;
    const kept = bytes.slice(lines, end);
    this.head = new ParsedRequestHead(method, path, authority ?? fields.host, scheme, this.#minor, kept);
    return end;
  }

  /** Reads `method SP target SP HTTP-version CR LF`. Returns the offset of its end. */
  #requestLine(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end && LOWER[bytes[at]!] !== 0) at++;
    this.#method = at;
    if (at < end && (at === start || bytes[at] !== SPACE)) return this.#fail(400);
    this.#target = ++at;
    // The bytes of a target are checked once all of it is there.
    while (at < end && bytes[at]! > SPACE && bytes[at] !== 127) at++;
    this.#targetEnd = at;
    if (at >= end) return INCOMPLETE;
    return bytes[at] === SPACE && at > this.#target ? this.#version(bytes, at + 1, end) : this.#fail(400);
  }

  #version(bytes: Uint8Array, start: number, end: number): number {
    for (let i = 0; i < version.length; i++) {
      if (start + i >= end) return INCOMPLETE;
      if (bytes[start + i] !== version[i]) return this.#fail(400);
    }
    const at = start + version.length;
    if (at + 3 >= end) return INCOMPLETE;
    const isVersion = isDigit(bytes[at]!) && bytes[at + 1] === 0x2e && isDigit(bytes[at + 2]!) && bytes[at + 3] === CR;
    if (!isVersion) return this.#fail(400);
    const minor = bytes[at + 2]! - 0x30;
    if (bytes[at] !== 0x31 || minor > 1) return this.#fail(505);
    this.#minor = minor === 0 ? 0 : 1;
    return this.#lineFeed(bytes, at + 4, end);
  }

  #lineFeed(bytes: Uint8Array, at: number, end: number): number {
    if (at >= end) return INCOMPLETE;
    return bytes[at] === LF ? at + 1 : this.#fail(400);
  }

  #fieldLines(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    for (let count = 0; ; count++) {
      if (at >= end) return INCOMPLETE;
      if (bytes[at] === CR) return this.#lineFeed(bytes, at + 1, end);
      const name = at;
      while (at < end && LOWER[bytes[at]!] !== 0) at++;
      if (at >= end) return INCOMPLETE;
      if (at === name || bytes[at] !== COLON) return this.#fail(400);
      if (count === this.#limits.maxHeaderFields) return this.#fail(431);
      at = this.#value(bytes, name, at, end);
      if (at < 0) return at;
    }
  }

  /** Reads a field's value and the end of its line. Returns the offset of that end. */
  #value(bytes: Uint8Array, name: number, colon: number, end: number): number {
    let at = colon + 1;
    while (at < end && isBlank(bytes[at]!)) at++;
    const value = at;
    while (at < end && VALUE[bytes[at]!] !== 0) at++;
    if (at >= end) return INCOMPLETE;
    if (bytes[at] !== CR) return this.#fail(400);
    let last = at;
    while (last > value && isBlank(bytes[last - 1]!)) last--;
    this.fields.add(bytes, name, colon, value, last);
    return this.#lineFeed(bytes, at + 1, end);
  }
}
