import type { HttpField } from "./error-code.ts";
import { CR, FieldLines, LF, lineOf, MAX_FIELDS } from "./field-lines.ts";
import { parseContentLength } from "./fields.ts";

/** The limits on all chunk extensions, and on all trailers, bytes (hyper's). */
const MAX_EXTENSIONS = 16_384;
const MAX_TRAILER_BYTES = 16_384;

/** The number of trailers that is refused. */
const TOO_MANY_TRAILERS = MAX_FIELDS;

/** How the end of a body is found (RFC 9112, section 6.3). Lengths are exact up to 2^53, which no body reaches. */
export type Framing =
  | { readonly tag: "length"; readonly length: number }
  | {
      readonly tag: "chunked";
      /**
       * Whether the body is read to the letter (RFC 9112, section 7.1), as a server does: no blanks after a size, no controls in an
       * extension, no bare LF in trailers.
       */
      readonly strict?: boolean;
    }
  | { readonly tag: "close" };

/** Returns the length that all these values agree on, each perhaps a list; undefined if they differ, or are not lengths. */
export function contentLengthOf(values: readonly string[]): bigint | undefined {
  let length: bigint | undefined;
  for (const item of values.flatMap((value) => value.split(","))) {
    const number = parseContentLength(item.trim());
    if (number === undefined || (length !== undefined && length !== number)) return undefined;
    length = number;
  }
  return length;
}

/** Removes the framing of a body, piece by piece. */
export interface BodyDecoder {
  /** Whether there is no framing: all bytes are body. */
  readonly plain: boolean;
  /** The number of input bytes that the last `decode` has used. */
  readonly consumed: number;
  /** Whether the body is complete. Bytes that follow do not belong to it. */
  readonly done: boolean;
  /** Whether the framing is broken after the bytes that the last `decode` returned. */
  readonly broken: boolean;
  readonly trailers: readonly HttpField[] | undefined;
  /**
   * Decodes body bytes to the start of `into`. Returns their number.
   *
   * @param into May be the memory of `input`, if that begins there
   * @param max The most bytes to decode
   */
  decode(input: Uint8Array, into: Uint8Array, max: number): number;
  /** Called at the end of the connection. Returns whether the body may end there. */
  end(): boolean;
}

export function decoderFor(framing: Framing): BodyDecoder {
  return framing.tag === "chunked" ? new ChunkedDecoder(framing.strict === true) : new PlainDecoder(framing);
}

/** Decodes a body with a length, or one that ends with the connection. */
class PlainDecoder implements BodyDecoder {
  readonly plain = true;
  readonly broken = false;
  readonly trailers = undefined;
  readonly #closes: boolean;
  #remaining: number;
  consumed = 0;

  constructor(framing: Exclude<Framing, { tag: "chunked" }>) {
    this.#closes = framing.tag === "close";
    this.#remaining = framing.tag === "length" ? framing.length : Number.POSITIVE_INFINITY;
  }

  get done(): boolean {
    return this.#remaining === 0;
  }

  decode(input: Uint8Array, into: Uint8Array, max: number): number {
    const count = Math.min(input.length, max, this.#remaining);
    move(input, 0, count, into, 0);
    this.consumed = count;
    this.#remaining -= count;
    return count;
  }

  end(): boolean {
    return this.#closes || this.#remaining === 0;
  }
}

/** The states of the decoder: the part of a chunked body that comes next. */
const SIZE = 0;
const AFTER_SIZE = 1;
const EXTENSION = 2;
const SIZE_LF = 3;
const DATA = 4;
const DATA_CR = 5;
const DATA_LF = 6;
const LINE = 7;
const TRAILER = 8;
const TRAILER_LF = 9;
const LAST_LF = 10;
const DONE = 11;
const BROKEN = 12;

/** Decodes `Transfer-Encoding: chunked` (RFC 9112, section 7.1), as hyper does unless it is strict. */
class ChunkedDecoder implements BodyDecoder {
  readonly plain = false;
  readonly #strict: boolean;
  #state = SIZE;
  #size = 0;
  #digits = 0;
  #significant = 0;
  #extensions = 0;
  /** The trailers as they came, and the number of line ends (CR LF) among them. */
  #trailerBytes: number[] = [];
  #trailerLines = 0;
  #trailers: FieldLines | undefined;
  consumed = 0;

  constructor(strict: boolean) {
    this.#strict = strict;
  }

  get done(): boolean {
    return this.#state === DONE;
  }

  get broken(): boolean {
    return this.#state === BROKEN;
  }

  /** The trailers. Strict: all of them, as a field may be repeated. Otherwise the last of each name, as hyper does. */
  get trailers(): readonly HttpField[] | undefined {
    const list = this.#trailers?.list;
    return this.#strict ? list : list && [...new Map(list)];
  }

  decode(input: Uint8Array, into: Uint8Array, max: number): number {
    let produced = 0;
    let at = 0;
    while (at < input.length && this.#state < DONE) {
      if (this.#state === DATA) {
        const count = Math.min(this.#size, input.length - at, max - produced);
        if (count === 0) break;
        move(input, at, count, into, produced);
        produced += count;
        at += count;
        this.#size -= count;
        if (this.#size === 0) this.#state = DATA_CR;
      } else if (!this.#step(input[at++]!)) {
        this.#state = BROKEN;
      }
    }
    this.consumed = at;
    return produced;
  }

  end(): boolean {
    return this.#state === DONE;
  }

  /** Takes a byte that is not data. Returns false if it is not allowed there. */
  #step(byte: number): boolean {
    switch (this.#state) {
      case SIZE:
        return this.#digit(byte) || (this.#digits > 0 && this.#afterSize(byte));
      case AFTER_SIZE:
        return this.#afterSize(byte) && !(this.#strict && byte === CR);
      case EXTENSION:
        if (byte === CR) this.#state = SIZE_LF;
        else if (byte === LF || ++this.#extensions >= MAX_EXTENSIONS) return false;
        else if (this.#strict && (byte === 127 || (byte < 0x20 && byte !== 9))) return false;
        return true;
      case SIZE_LF:
        this.#state = this.#size === 0 ? LINE : DATA;
        return byte === LF;
      case DATA_CR:
        this.#state = DATA_LF;
        return byte === CR;
      case DATA_LF:
        this.#state = SIZE;
        this.#digits = 0;
        this.#significant = 0;
        return byte === LF;
      default:
        return this.#trailerByte(byte);
    }
  }

  #digit(byte: number): boolean {
    const digit = hexDigit(byte);
    if (digit < 0) return false;
    // Sizes have at most 16 significant hexadecimal digits (a u64).
    if (digit > 0 || this.#significant > 0) this.#significant++;
    if (this.#significant > 16) return false;
    this.#size = this.#size * 16 + digit;
    this.#digits++;
    return true;
  }

  #afterSize(byte: number): boolean {
    if (byte === 0x20 || byte === 9) this.#state = AFTER_SIZE;
    else if (byte === 0x3b) this.#state = EXTENSION;
    else if (byte === CR) this.#state = SIZE_LF;
    else return false;
    return true;
  }

  /** Takes a byte of the trailers, which end with an empty line. Here CR LF ends a line; lines are parsed once all are there. */
  #trailerByte(byte: number): boolean {
    this.#trailerBytes.push(byte);
    switch (this.#state) {
      case LINE:
        if (byte === LF && this.#strict) return false;
        this.#state = byte === CR ? LAST_LF : TRAILER;
        break;
      case TRAILER:
        if (byte === CR) this.#state = TRAILER_LF;
        else if (byte === LF && this.#strict) return false;
        break;
      case TRAILER_LF:
        this.#state = LINE;
        if (byte !== LF || ++this.#trailerLines >= TOO_MANY_TRAILERS) return false;
        break;
      default:
        this.#state = DONE;
        return byte === LF && this.#readTrailers();
    }
    return this.#trailerBytes.length <= MAX_TRAILER_BYTES;
  }

  /** Parses the trailers. Returns false if they are not fields. As in a head, a bare LF ends a line, too. */
  #readTrailers(): boolean {
    if (this.#trailerLines === 0) return true;
    this.#trailers = new FieldLines(this.#trailerLines);
    const bytes = Uint8Array.from(this.#trailerBytes);
    for (let at = 0; ; ) {
      const end = bytes.indexOf(LF, at) + 1;
      const line = lineOf(bytes.subarray(at), end - at);
      if (line?.length === 0) return true;
      if (line === undefined || !this.#trailers.add(line)) return false;
      at = end;
    }
  }
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** Moves bytes. `into` may be the memory of `input`: they move towards the front. */
function move(input: Uint8Array, start: number, count: number, into: Uint8Array, to: number): void {
  if (input.buffer === into.buffer && input.byteOffset + start === into.byteOffset + to) return;
  into.set(input.subarray(start, start + count), to);
}
