/** Parses the values of `<const-data>` and prints them as Rust does. */

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Parses hexadecimal digits, most significant first. @returns undefined if they need more than 64 bits */
export function parseUint(hexDigits: string): bigint | undefined {
  const significant = hexDigits.replace(/^0+/, "");
  return significant.length > 16 ? undefined : BigInt(`0x0${significant}`);
}

/** Parses a bool. @returns undefined if it is neither 0 nor 1 */
export function parseBool(hexDigits: string): boolean | undefined {
  const bit = parseUint(hexDigits);
  return bit === 0n || bit === 1n ? bit === 1n : undefined;
}

/** Parses a char. @returns undefined if no character has that code */
export function parseChar(hexDigits: string): string | undefined {
  const code = parseUint(hexDigits);
  if (code === undefined || code > 0x10ffffn || (code >= 0xd800n && code < 0xe000n)) return undefined;
  return String.fromCodePoint(Number(code));
}

/** Parses a string's bytes. @returns undefined if they are not UTF-8 */
export function parseString(hexDigits: string): string | undefined {
  if (hexDigits.length % 2 !== 0) return undefined;
  const bytes = Uint8Array.from({ length: hexDigits.length / 2 }, (_, i) =>
    Number.parseInt(hexDigits.slice(2 * i, 2 * i + 2), 16),
  );
  try {
    return utf8.decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return undefined;
  }
}

const escapes: Readonly<Record<string, string>> = {
  "\0": "\\0",
  "\t": "\\t",
  "\r": "\\r",
  "\n": "\\n",
  "\\": "\\\\",
  '"': '\\"',
  "'": "\\'",
};

/**
 * The characters that `char::escape_debug` escapes in addition: those that extend the one before, and invisible ones.
 */
const UNPRINTABLE = /[\p{Grapheme_Extend}\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Zs}]/u;

/** Escapes a character as Rust's Debug does. @param quote the quote around it; the other quote needs no escape */
export function escapeDebug(char: string, quote: '"' | "'"): string {
  if (char === " " || (char !== quote && (char === '"' || char === "'"))) return char;
  const escaped = escapes[char];
  if (escaped !== undefined) return escaped;
  return UNPRINTABLE.test(char) ? `\\u{${char.codePointAt(0)?.toString(16)}}` : char;
}
