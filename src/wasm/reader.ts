import { ParseError } from "./errors.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Decodes a short ASCII name, as most are: a TextDecoder's call would cost more. Undefined for any other name. */
function asciiName(bytes: Uint8Array, from: number, to: number): string | undefined {
  if (to - from > 32) return undefined;
  let name = "";
  for (let i = from; i < to; i++) {
    const byte = bytes[i]!;
    if (byte > 0x7f) return undefined;
    name += String.fromCharCode(byte);
  }
  return name;
}

/**
 * Reads the primitives of the binary format from `[pos, end)` of `bytes`. Offsets in errors are offsets in `bytes`, so a reader of
 * a part keeps the whole input.
 */
export class Reader {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly end: number;
  pos: number;

  constructor(bytes: Uint8Array<ArrayBuffer>, pos = 0, end = bytes.length) {
    this.bytes = bytes;
    this.pos = pos;
    this.end = end;
  }

  get atEnd(): boolean {
    return this.pos >= this.end;
  }

  fail(message: string, offset = this.pos): never {
    throw new ParseError(message, offset);
  }

  byte(): number {
    if (this.pos >= this.end) this.fail("unexpected end");
    return this.bytes[this.pos++]!;
  }

  peek(): number {
    if (this.pos >= this.end) this.fail("unexpected end");
    return this.bytes[this.pos]!;
  }

  /** Reads an unsigned LEB128 of at most 32 bits. */
  u32(): number {
    const byte = this.bytes[this.pos];
    if (byte === undefined || byte >= 0x80 || this.pos >= this.end) return this.#longU32();
    this.pos++;
    return byte;
  }

  /**
   * Reads the long form, rarely needed. It is apart so that the engine compiles only the short form at first: a start of a few ms
   * gains by that.
   */
  #longU32(): number {
    const start = this.pos;
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      if (shift === 28 && byte > 0x0f) {
        this.fail(`invalid var_u32: integer ${byte & 0x80 ? "representation too long" : "too large"}`, start);
      }
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  /** Reads an unsigned LEB128 of at most 64 bits. Above 2^53 the value is inexact. */
  u64(): number {
    const start = this.pos;
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      if (shift === 63 && byte > 1) {
        this.fail(`invalid var_u64: integer ${byte & 0x80 ? "representation too long" : "too large"}`, start);
      }
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  /** Reads a signed LEB128 of at most 33 bits. */
  s33(): number {
    const start = this.pos;
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (shift === 28) {
        // 33 - 28 = 5 bits are left; the two above them repeat the sign
        const sign = (byte & 0x70) >> 4;
        if (byte & 0x80) this.fail("invalid var_s33: integer representation too long", start);
        if (sign !== 0 && sign !== 7) this.fail("invalid var_s33: integer too large", start);
      }
      if (byte < 0x80) return byte & 0x40 ? value - 2 ** (shift + 7) : value;
    }
  }

  /** Skips a signed LEB128 of at most `bits` bits. */
  skipSigned(bits: number): void {
    const start = this.pos;
    for (let shift = 0; this.byte() >= 0x80; shift += 7) {
      if (shift + 7 >= bits) this.fail(`invalid var_s${bits}: integer representation too long`, start);
    }
  }

  skip(length: number): void {
    if (length > this.end - this.pos) this.fail("unexpected end");
    this.pos += length;
  }

  name(): string {
    const start = this.pos;
    const length = this.u32();
    if (length > this.end - this.pos) this.fail("unexpected end-of-file", start);
    if (length > 100_000) this.fail("string size out of bounds", start);
    const from = this.pos;
    this.pos += length;
    return asciiName(this.bytes, from, this.pos) ?? this.#decode(from);
  }

  #decode(from: number): string {
    try {
      return utf8.decode(this.bytes.subarray(from, this.pos));
    } catch {
      return this.fail("malformed UTF-8 encoding", from);
    }
  }

  /**
   * Reads the number of elements of a vec. Each element takes at least one byte, so a number above the remaining bytes is refused
   * before anything is allocated.
   */
  count(what: string): number {
    const start = this.pos;
    const count = this.u32();
    if (count > this.end - this.pos) this.fail(`${what} count of ${count} exceeds what is left of the input`, start);
    return count;
  }

  vec<T>(what: string, read: () => T): T[] {
    const items: T[] = [];
    for (let left = this.count(what); left > 0; left--) items.push(read());
    return items;
  }

  flag(what: string): boolean {
    const start = this.pos;
    const byte = this.byte();
    if (byte > 1) this.fail(`invalid leading byte (0x${byte.toString(16)}) for ${what}`, start);
    return byte === 1;
  }

  /** Returns a reader of the next `length` bytes, and steps over them. */
  part(length: number, what: string): Reader {
    if (length > this.end - this.pos) this.fail(`unexpected end of ${what}`);
    const part = new Reader(this.bytes, this.pos, this.pos + length);
    this.pos += length;
    return part;
  }
}
