/** DWARF that cannot be read. It does not leave this folder. */
export class DwarfError extends Error {
  override readonly name = "DwarfError";
}

const utf8 = new TextDecoder();

/** The bytes that the LEB128 of a 64-bit number has at most. Longer ones would become no number at all: NaN, which no bound holds. */
const LONGEST_LEB = 10;

/** The longest string that is read, bytes: a name is printed. */
const LONGEST_STRING = 65_536;

/** Where a string is: most of those that a unit refers to nobody asks for. */
export interface StringPlace {
  readonly section: Uint8Array;
  readonly offset: number;
}

/**
 * Reads a string that ends with a zero byte, with its section, or after `longest` bytes. Bytes that are not UTF-8 become U+FFFD.
 */
export function readString({ section, offset }: StringPlace, longest = LONGEST_STRING): string {
  const limit = Math.min(section.length, offset + Math.min(longest, LONGEST_STRING));
  const zero = section.subarray(offset, limit).indexOf(0);
  return utf8.decode(section.subarray(offset, zero < 0 ? limit : offset + zero));
}

/** Reads little-endian numbers of a section. Offsets are from the section's start. @throws DwarfError at the end of its part */
export class DataReader {
  readonly section: Uint8Array;
  readonly end: number;
  pos: number;
  readonly #view: DataView;

  constructor(section: Uint8Array, pos: number, end = section.length) {
    if (pos > end || end > section.length) throw new DwarfError(`offset ${pos} is beyond the section`);
    this.section = section;
    this.pos = pos;
    this.end = end;
    this.#view = new DataView(section.buffer, section.byteOffset, section.length);
  }

  get atEnd(): boolean {
    return this.pos >= this.end;
  }

  /** Steps over `length` bytes, and returns the offset of the first. */
  skip(length: number): number {
    const start = this.pos;
    if (length > this.end - start) throw new DwarfError("unexpected end");
    this.pos = start + length;
    return start;
  }

  u8(): number {
    if (this.pos >= this.end) throw new DwarfError("unexpected end");
    return this.section[this.pos++]!;
  }

  i8(): number {
    return this.#view.getInt8(this.skip(1));
  }

  u16(): number {
    return this.#view.getUint16(this.skip(2), true);
  }

  u24(): number {
    return this.u16() + this.u8() * 0x1_0000;
  }

  u32(): number {
    return this.#view.getUint32(this.skip(4), true);
  }

  /** Inexact above 2^53: such a number is no offset in a section. */
  u64(): number {
    const low = this.u32();
    return low + this.u32() * 2 ** 32;
  }

  /** Reads a number of 1, 2, 3, 4 or 8 bytes. */
  unsigned(size: number): number {
    switch (size) {
      case 1:
        return this.u8();
      case 2:
        return this.u16();
      case 3:
        return this.u24();
      case 4:
        return this.u32();
      case 8:
        return this.u64();
      default:
        throw new DwarfError(`no number has ${size} bytes`);
    }
  }

  /** Reads an unsigned LEB128. Inexact above 2^53. */
  uleb(): number {
    let value = 0;
    let factor = 1;
    for (let left = LONGEST_LEB; left > 0; left--) {
      const byte = this.u8();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
    throw new DwarfError("a number is too long");
  }

  /** Reads a signed LEB128. Inexact beyond 2^53. */
  sleb(): number {
    let value = 0;
    let factor = 1;
    for (let left = LONGEST_LEB; left > 0; left--) {
      const byte = this.u8();
      value += (byte & 0x7f) * factor;
      factor *= 128;
      if (byte < 0x80) return byte & 0x40 ? value - factor : value;
    }
    throw new DwarfError("a number is too long");
  }

  skipLeb(): void {
    while (this.u8() >= 0x80);
  }

  /** Steps over a string, and returns its place. */
  string(): StringPlace {
    const offset = this.pos;
    const zero = this.section.indexOf(0, offset);
    if (zero < 0 || zero >= this.end) throw new DwarfError("a string has no end");
    this.pos = zero + 1;
    return { section: this.section, offset };
  }
}

/** Reads the length that a unit begins with: its own end, and the size of offsets in it (4: DWARF32, 8: DWARF64). */
export function readUnitLength(reader: DataReader): { readonly end: number; readonly offsetSize: number } {
  const first = reader.u32();
  const offsetSize = first === 0xffff_ffff ? 8 : 4;
  if (first >= 0xffff_fff0 && offsetSize === 4) throw new DwarfError("reserved unit length");
  const length = offsetSize === 8 ? reader.u64() : first;
  if (length > reader.end - reader.pos) throw new DwarfError("a unit is longer than its section");
  return { end: reader.pos + length, offsetSize };
}
