/** The tokens of v0 symbols: https://doc.rust-lang.org/rustc/symbol-mangling/v0.html, whose terms these are. */

const MAX_U64 = (1n << 64n) - 1n;
const DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

export interface UndisambiguatedIdentifier {
  readonly ascii: string;
  /** What puts the other characters between those of `ascii`; empty: there are none. */
  readonly punycode: string;
}

export interface Identifier extends UndisambiguatedIdentifier {
  readonly disambiguator: bigint;
}

/** A place in a symbol. What cannot be read there is answered as undefined, and the place is of no use then. */
export class Reader {
  readonly #symbol: string;
  #position: number;
  /** How many productions the place is inside of. */
  depth: number;
  /** Something was read in vain. */
  failed = false;

  /** @param symbol After its `_R`. */
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

  /** `<hex-digits> "_"`, without the latter. */
  hexDigits(): string | undefined {
    return this.#match(/([0-9a-f]*)_/y)?.[1];
  }

  /** A u64: `_` is 0, `0_` is 1. */
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

  /** One more than the number after `tag`; 0: there is none. */
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

  /** After the `B` of a `<backref>`: a reader of what it repeats, which begins before it. */
  backref(): Reader | undefined {
    const start = this.#position - 1;
    const target = this.base62Number();
    return target === undefined || target >= start ? undefined : new Reader(this.#symbol, Number(target), this.depth);
  }

  /** @param pattern Sticky. */
  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#position;
    const match = pattern.exec(this.#symbol);
    if (!match) return undefined;
    this.#position = pattern.lastIndex;
    return match;
  }
}
