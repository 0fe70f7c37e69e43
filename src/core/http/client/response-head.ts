import type { HttpField } from "../error-code.ts";
import { CR, FieldLines, LF, lineOf, MAX_FIELDS } from "../field-lines.ts";
import { byteString, isFieldValue } from "../fields.ts";

/** The largest head, bytes: hyper's limit, which is wasmtime's. */
export const MAX_HEAD = 417_792;

/** The beginning of a status line, up to the minor version's digit. */
const VERSION = byteString("HTTP/1.");

export interface ResponseHead {
  /** 100 to 999. */
  readonly status: number;
  /** The minor version of HTTP/1: 0 or 1. */
  readonly minor: number;
  readonly headers: readonly HttpField[];
}

/**
 * Reads the head of an HTTP/1 response (RFC 9112, sections 2 to 5) as hyper does by default: a line may end with a bare LF, empty
 * lines may come first, the reason may be missing. White space before a field's colon and folded lines are refused.
 */
export class ResponseHeadParser {
  /** The current line, as far as it has arrived. */
  #line = new Uint8Array(256);
  #length = 0;
  #total = 0;
  #status = 0;
  #minor = 0;
  readonly #fields = new FieldLines(MAX_FIELDS);
  /** The head, once it is complete. */
  head: ResponseHead | undefined;

  /** Takes bytes from `start` to `end`. Returns the offset where the head ends, or `end`; undefined if it is malformed. */
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
    // A line that cannot become a status line is refused at once, as it may never end.
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

function beginsAsStatusLine(line: Uint8Array, length: number): boolean {
  if (line[0] === CR || line[0] === LF) return length < 3 && (length < 2 || line[1] === LF);
  for (let i = 0; i < Math.min(length, VERSION.length); i++) if (line[i] !== VERSION[i]) return false;
  return true;
}

/** Returns a number of three digits; -1 if there is none. */
function threeDigits(line: Uint8Array, at: number): number {
  let number = 0;
  for (let i = at; i < at + 3; i++) {
    const digit = (line[i] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    number = 10 * number + digit;
  }
  return number;
}
