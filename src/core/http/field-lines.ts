import type { HttpField } from "./error-code.ts";
import { isFieldValue, latin1, MAX_NAME, token } from "./fields.ts";

/** The most fields of a head or of trailers: hyper's limit, which is wasmtime's. */
export const MAX_FIELDS = 100;

export const LF = 0x0a;
export const CR = 0x0d;

/** Fields of a head or of trailers, added line by line. Names are in lower case. */
export class FieldLines {
  readonly list: HttpField[] = [];
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  /** Adds a line. Returns false if it is not a field, or one too many. */
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

/** Returns a line without its CR LF or LF; undefined if it has another CR. */
export function lineOf(bytes: Uint8Array, length: number): Uint8Array | undefined {
  const end = length > 1 && bytes[length - 2] === CR ? length - 2 : length - 1;
  const line = bytes.subarray(0, end);
  return line.includes(CR) ? undefined : line;
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 9;
}
