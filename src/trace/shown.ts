/** Values of a guest as a trace shows them: what JSON has, and what is told from strings in text. */
export type Shown =
  | null
  | boolean
  | number
  | string
  | Word
  | Bytes
  | readonly Shown[]
  | { readonly [name: string]: Shown };

/** A name, an address, a handle: no quotes around it. */
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

/** A number, as JSON has it, or a word where that would round it. */
export function integer(value: number | bigint): Shown {
  return Number.isSafeInteger(Number(value)) ? Number(value) : new Word(String(value));
}

/** How much of bytes and strings is shown. */
const PREVIEW = 32;

const escapes: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\", '"': '\\"' };

/** Bytes: how many, and the first of them. */
export class Bytes {
  readonly length: number;
  readonly #preview: string;

  /** @param length If `bytes` are not all. */
  constructor(bytes: Uint8Array, length = bytes.length) {
    this.length = length;
    this.#preview = [...bytes.subarray(0, PREVIEW)].map(escaped).join("");
  }

  toString(): string {
    return `"${this.#preview}"${this.length > PREVIEW ? "..." : ""} (${this.length} bytes)`;
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
  if (value instanceof Bytes) return value.toString();
  if (typeof value === "string")
    return value.length > 4 * PREVIEW ? `${JSON.stringify(value.slice(0, 4 * PREVIEW))}...` : JSON.stringify(value);
  if (isList(value)) return `[${value.map(text).join(", ")}]`;
  if (typeof value !== "object" || value === null) return String(value);
  return `{${Object.entries(value)
    .map(([name, part]) => `${name}: ${text(part)}`)
    .join(", ")}}`;
}

function isList(value: Shown): value is readonly Shown[] {
  return Array.isArray(value);
}
