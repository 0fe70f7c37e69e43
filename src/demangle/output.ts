/** The most bytes of UTF-8 in a demangled name. */
const MAX_SIZE = 1_000_000;

/** A symbol of one of Rust's manglings. */
export interface Mangled {
  /** The rest of the name after the symbol. */
  readonly suffix: string;
  print(output: Output): void;
}

/**
 * The text of a demangled name while it is printed. It has a size limit, as a short symbol may stand for more text than
 * any memory holds.
 */
export class Output {
  #text = "";
  #left = MAX_SIZE;
  #full = false;

  get text(): string {
    return this.#text;
  }

  /** Whether the text has ended. */
  get full(): boolean {
    return this.#full;
  }

  print(piece: string): void {
    if (this.#full) return;
    this.#left -= byteLength(piece);
    if (this.#left < 0) this.end();
    else this.#text += piece;
  }

  /** Ends the text, because it, or the work to make it, would be too large. */
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
    // `length` counts one unit of a character in the BMP, two of any other.
    if (code >= 0x80) bytes += code < 0x800 ? 1 : 2;
  }
  return bytes;
}
