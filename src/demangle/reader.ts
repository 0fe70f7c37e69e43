/** Reads the tokens of v0 symbols; terms as in https://doc.rust-lang.org/rustc/symbol-mangling/v0.html. */

const MAX_U64 = (1n << 64n) - 1n;
const DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

export interface UndisambiguatedIdentifier {
  readonly ascii: string;
  /** The insertions of the other characters into `ascii`; empty if there are none. */
  readonly punycode: string;
}

export interface Identifier extends UndisambiguatedIdentifier {
  readonly disambiguator: bigint;
}

/** A position in a symbol. Methods return undefined for what cannot be read; the reader has then failed. */
export class Reader {
  readonly #symbol: string;
  #position: number;
  /** How many productions enclose the position. */
  depth: number;
  /** Whether something could not be read. */
  failed = false;

  /** @param symbol without its `_R` */
  constructor(symbol: string, position = 0, depth = 0) {
    this.#symbol = symbol;
    this.#position = position;
    this.depth = depth;
  }

  get position(): number {
    return this.#position;
  }

  peek(): string | undefined {
    return this.#symbol[this.#position];
  }

  eat(char: string): boolean {
    const there = this.peek() === char;
    if (there) this.#position++;
    return there;
  }

  next(): string | undefined {
    return this.#symbol[this.#position++];
  }

  namespace(): string | undefined {
    return this.#match(/[a-zA-Z]/y)?.[0];
  }

  /** Reads `<hex-digits> "_"`. Returns the digits. */
  hexDigits(): string | undefined {
    return this.#match(/([0-9a-f]*)_/y)?.[1];
  }

  /** Reads a u64: `_` is 0, `0_` is 1. */
  base62Number(): bigint | undefined {
    const digits = this.#match(/([0-9a-zA-Z]*)_/y)?.[1];
    if (digits === undefined) return undefined;
    if (digits === "") return 0n;
    let value = 0n;
    for (const digit of digits) {
      value = value * 62n + BigInt(DIGITS.indexOf(digit));
      if (value >= MAX_U64) return undefined;
    }
    return value + 1n;
  }

  /** Returns one more than the number after `tag`; 0 if there is no such tag. */
  optionalNumber(tag: string): bigint | undefined {
    if (!this.eat(tag)) return 0n;
    const value = this.base62Number();
    return value === undefined || value === MAX_U64 ? undefined : value + 1n;
  }

  disambiguator(): bigint | undefined {
    return this.optionalNumber("s");
  }

  identifier(): Identifier | undefined {
    const disambiguator = this.disambiguator();
    if (disambiguator === undefined) return undefined;
    const name = this.undisambiguatedIdentifier();
    return name && { disambiguator, ...name };
  }

  undisambiguatedIdentifier(): UndisambiguatedIdentifier | undefined {
    const [, unicode, length] = this.#match(/(u?)(0|[1-9][0-9]*)_?/y) ?? [];
    if (length === undefined) return undefined;
    const end = this.#position + Number(length);
    if (end > this.#symbol.length) return undefined;
    const bytes = this.#symbol.slice(this.#position, end);
    this.#position = end;
    if (unicode === "") return { ascii: bytes, punycode: "" };
    const delimiter = bytes.lastIndexOf("_");
    const punycode = bytes.slice(delimiter + 1);
    return punycode === "" ? undefined : { ascii: bytes.slice(0, Math.max(delimiter, 0)), punycode };
  }

  /** After the `B` of a `<backref>`: returns a reader at its target, which lies before it. */
  backref(): Reader | undefined {
    const start = this.#position - 1;
    const target = this.base62Number();
    return target === undefined || target >= start ? undefined : new Reader(this.#symbol, Number(target), this.depth);
  }

  /** @param pattern must be sticky */
  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#position;
    const match = pattern.exec(this.#symbol);
    if (!match) return undefined;
    this.#position = pattern.lastIndex;
    return match;
  }
}
