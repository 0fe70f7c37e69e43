/** A guest's values as a trace shows them: JSON values, and others that text must tell from strings. */
export type Shown =
  | null
  | boolean
  | number
  | string
  | Word
  | ShownBytes
  | readonly Shown[]
  | { readonly [name: string]: Shown };

/** A name, address or handle, shown without quotes. */
export class Word {
  static readonly none = new Word("none");
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toJSON(): string {
    return this.#text;
  }
}

/** Returns an integer as a number, or as a word if a number would round it. */
export function integer(value: number | bigint): Shown {
  return Number.isSafeInteger(Number(value)) ? Number(value) : new Word(String(value));
}

/** How many bytes or characters are shown. */
const PREVIEW_LENGTH = 32;

const escapes: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\", '"': '\\"' };

/** A number of bytes, and the first of them. */
export class ShownBytes {
  readonly length: number;
  readonly #preview: string;

  /** @param length if `bytes` is only the beginning */
  constructor(bytes: Uint8Array, length = bytes.length) {
    this.length = length;
    this.#preview = [...bytes.subarray(0, PREVIEW_LENGTH)].map(escaped).join("");
  }

  toString(): string {
    return `"${this.#preview}"${this.length > PREVIEW_LENGTH ? "..." : ""} (${this.length} bytes)`;
  }

  toJSON(): { readonly bytes: number; readonly preview: string } {
    return { bytes: this.length, preview: this.#preview };
  }
}

function escaped(byte: number): string {
  const character = String.fromCharCode(byte);
  if (escapes[character] !== undefined) return escapes[character];
  return byte >= 0x20 && byte < 0x7f ? character : `\\x${byte.toString(16).padStart(2, "0")}`;
}

export function text(value: Shown): string {
  if (value instanceof Word) return value.toJSON();
  if (value instanceof ShownBytes) return value.toString();
  if (typeof value === "string")
    return value.length > 4 * PREVIEW_LENGTH
      ? `${JSON.stringify(value.slice(0, 4 * PREVIEW_LENGTH))}...`
      : JSON.stringify(value);
  if (isList(value)) return `[${value.map(text).join(", ")}]`;
  if (typeof value !== "object" || value === null) return String(value);
  return `{${Object.entries(value)
    .map(([name, part]) => `${name}: ${text(part)}`)
    .join(", ")}}`;
}

function isList(value: Shown): value is readonly Shown[] {
  return Array.isArray(value);
}
