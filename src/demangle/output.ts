/** Bytes of UTF-8 that a demangled name may have. */
const MAX_SIZE = 1_000_000;

/** A name of one of Rust's manglings. */
export interface Mangled {
  /** What follows it. */
  readonly suffix: string;
  print(output: Output): void;
}

/** A demangled name while it is printed: a short mangled one may stand for more than any memory holds. */
export class Output {
  #text = "";
  #left = MAX_SIZE;
  #full = false;

  get text(): string {
    return this.#text;
  }

  /** Nothing is printed any more. */
  get full(): boolean {
    return this.#full;
  }

  print(piece: string): void {
    if (this.#full) return;
    this.#left -= byteLength(piece);
    if (this.#left < 0) this.end();
    else this.#text += piece;
  }

  /** The text ends here, for it, or what it takes to make it, would be too much. */
  end(): void {
    if (this.#full) return;
    this.#full = true;
    this.#text += "{size limit reached}";
  }
}

function byteLength(text: string): number {
  let bytes = text.length;
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    // UTF-16 has counted one unit of the first two, two of the last.
    if (code >= 0x80) bytes += code < 0x800 ? 1 : 2;
  }
  return bytes;
}
