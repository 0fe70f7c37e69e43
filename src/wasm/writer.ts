import { OWN_MODULE } from "../core/wait/uncatchable.ts";

/** Writes core modules: new parts are encoded, unchanged ones are copied. */

/** Encodes an unsigned LEB128; exact up to 2^53. */
export function leb128(value: number): number[] {
  const out: number[] = [];
  let left = value;
  do {
    const low = left % 128;
    left = Math.floor(left / 128);
    out.push(left > 0 ? low + 128 : low);
  } while (left > 0);
  return out;
}

/** Encodes a non-negative number as a signed LEB128. */
export function signedLeb128(value: number): number[] {
  const bytes = leb128(value);
  const last = bytes.length - 1;
  return bytes[last]! < 0x40 ? bytes : [...bytes.slice(0, last), bytes[last]! | 0x80, 0];
}

/** Encodes a section with its content. */
export function section(id: number, content: ArrayLike<number> & Iterable<number>): number[] {
  return [id, ...leb128(content.length), ...content];
}

const utf8 = new TextEncoder();

/** Encodes a name: its length and its UTF-8 bytes. */
export function encodeName(name: string): number[] {
  const bytes = utf8.encode(name);
  return [...leb128(bytes.length), ...bytes];
}

/** A section's id and its content. */
type Section = readonly [id: number, content: readonly number[]];

/** Encodes a core module of Pollux's own. Its frames are left out of stacks that are shown. */
export function encodeOwnModule(...sections: readonly Section[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(
    [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0].concat(
      ...sections.map(([id, content]) => [id].concat(leb128(content.length), content)),
      section(0, [...encodeName("name"), ...section(0, encodeName(OWN_MODULE))]),
    ),
  );
}

/** A copy of bytes from `from` on, with parts replaced in order. */
export class EditedCopy {
  readonly #bytes: Uint8Array;
  readonly #parts: Uint8Array[] = [];
  #at: number;
  changed = false;

  constructor(bytes: Uint8Array, from = 0) {
    this.#bytes = bytes;
    this.#at = from;
  }

  replace(start: number, end: number, by: readonly number[]): void {
    this.#parts.push(this.#bytes.subarray(this.#at, start), Uint8Array.from(by));
    this.#at = end;
    this.changed = true;
  }

  finish(end: number): Uint8Array<ArrayBuffer> {
    this.#parts.push(this.#bytes.subarray(this.#at, end));
    this.#at = end;
    const out = new Uint8Array(this.#parts.reduce((length, part) => length + part.length, 0));
    let to = 0;
    for (const part of this.#parts) {
      out.set(part, to);
      to += part.length;
    }
    return out;
  }
}
