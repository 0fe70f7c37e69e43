import type { HttpField } from "./error-code.ts";
import { byteString, isFieldValue, latin1, MAX_NAME, token } from "./fields.ts";

/** hyper's limits, which are wasmtime's: bytes of a head, fields of one. */
export const MAX_HEAD = 417_792;
export const MAX_FIELDS = 100;

export const LF = 0x0a;
export const CR = 0x0d;

/** The beginning of a status line, up to its version's digit. */
const VERSION = byteString("HTTP/1.");

export interface ResponseHead {
  /** 100 to 999. */
  readonly status: number;
  /** The minor version of HTTP/1: 0 or 1. */
  readonly minor: number;
  readonly headers: readonly HttpField[];
}

/**
 * Reads the head of an HTTP/1 response (RFC 9112, sections 2 to 5) as hyper does with its defaults: a line may end with a bare
 * LF, empty lines may come first, the reason may be missing; no white space before a field's colon, no folded lines.
 */
export class ResponseHeadParser {
  /** The line under way, as far as it has come. */
  #line = new Uint8Array(256);
  #length = 0;
  #total = 0;
  #status = 0;
  #minor = 0;
  readonly #fields = new FieldLines(MAX_FIELDS);
  /** The head, once it is complete. */
  head: ResponseHead | undefined;

  /** Takes bytes from `start` on. Returns how far the head goes in them; undefined: it is none. */
  push(bytes: Uint8Array, start: number, end: number): number | undefined {
    let at = start;
    while (at < end) {
      const lf = bytes.subarray(at, end).indexOf(LF);
      const to = lf < 0 ? end : at + lf + 1;
      this.#total += to - at;
      if (this.#total > MAX_HEAD || !this.#take(bytes, at, to)) return undefined;
      at = to;
      if (lf < 0) continue;
      const line = lineOf(this.#line, this.#length);
      this.#length = 0;
      if (line === undefined || !this.#lineOver(line)) return undefined;
      if (this.head !== undefined) return at;
    }
    return at;
  }

  #take(bytes: Uint8Array, start: number, end: number): boolean {
    const length = this.#length + end - start;
    if (length > this.#line.length) {
      const longer = new Uint8Array(Math.max(length, 2 * this.#line.length));
      longer.set(this.#line.subarray(0, this.#length));
      this.#line = longer;
    }
    this.#line.set(bytes.subarray(start, end), this.#length);
    this.#length = length;
    // A line that cannot become a status line is refused before it ends: it may never.
    return this.#status !== 0 || beginsAsStatusLine(this.#line, this.#length);
  }

  #lineOver(line: Uint8Array): boolean {
    if (this.#status === 0) return line.length === 0 || this.#statusLine(line);
    if (line.length > 0) return this.#fields.add(line);
    this.head = { status: this.#status, minor: this.#minor, headers: this.#fields.list };
    return true;
  }

  #statusLine(line: Uint8Array): boolean {
    const minor = (line[7] ?? 0) - 0x30;
    const status = threeDigits(line, 9);
    if ((minor !== 0 && minor !== 1) || line[8] !== 0x20 || status < 100) return false;
    if (line.length > 12 && line[12] !== 0x20) return false;
    if (!isFieldValue(line.subarray(13))) return false;
    this.#minor = minor;
    this.#status = status;
    return true;
  }
}

/** Fields, line by line: headers, or trailers. Names in lower case. */
export class FieldLines {
  readonly list: HttpField[] = [];
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  /** Returns whether it is a field, and none too many. */
  add(line: Uint8Array): boolean {
    const colon = line.indexOf(0x3a);
    if (colon <= 0 || colon > MAX_NAME || this.list.length === this.#most) return false;
    const name = latin1(line.subarray(0, colon));
    let start = colon + 1;
    let end = line.length;
    while (start < end && isBlank(line[start]!)) start++;
    while (end > start && isBlank(line[end - 1]!)) end--;
    const value = line.slice(start, end);
    if (!token.test(name) || !isFieldValue(value)) return false;
    this.list.push([name.toLowerCase(), value]);
    return true;
  }
}

/** A line without its end, CR LF or LF; undefined: a CR is elsewhere. */
export function lineOf(bytes: Uint8Array, length: number): Uint8Array | undefined {
  const end = length > 1 && bytes[length - 2] === CR ? length - 2 : length - 1;
  const line = bytes.subarray(0, end);
  return line.includes(CR) ? undefined : line;
}

function beginsAsStatusLine(line: Uint8Array, length: number): boolean {
  if (line[0] === CR || line[0] === LF) return length < 3 && (length < 2 || line[1] === LF);
  for (let i = 0; i < Math.min(length, VERSION.length); i++) if (line[i] !== VERSION[i]) return false;
  return true;
}

/** -1: they are none. */
function threeDigits(line: Uint8Array, at: number): number {
  let number = 0;
  for (let i = at; i < at + 3; i++) {
    const digit = (line[i] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    number = 10 * number + digit;
  }
  return number;
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 9;
}
