/** The values of `<const-data>`, as Rust writes them. */

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Most significant first. @returns Undefined: it takes more than 64 bits. */
export function parseUint(hexDigits: string): bigint | undefined {
  const significant = hexDigits.replace(/^0+/, "");
  return significant.length > 16 ? undefined : BigInt(`0x0${significant}`);
}

/** @returns Undefined: it is neither 0 nor 1. */
export function parseBool(hexDigits: string): boolean | undefined {
  const bit = parseUint(hexDigits);
  return bit === 0n || bit === 1n ? bit === 1n : undefined;
}

/** @returns Undefined: no character has that code. */
export function parseChar(hexDigits: string): string | undefined {
  const code = parseUint(hexDigits);
  if (code === undefined || code > 0x10ffffn || (code >= 0xd800n && code < 0xe000n)) return undefined;
  return String.fromCodePoint(Number(code));
}

/** @returns Undefined: it is not UTF-8. */
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

/** What `char::escape_debug` escapes besides: what extends the character before it, and what shows nothing. */
const UNPRINTABLE = /[\p{Grapheme_Extend}\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Zs}]/u;

/** @param char Inside of `quote`; the other quote needs no escape there. */
export function escapeDebug(char: string, quote: '"' | "'"): string {
  if (char === " " || (char !== quote && (char === '"' || char === "'"))) return char;
  const escaped = escapes[char];
  if (escaped !== undefined) return escaped;
  return UNPRINTABLE.test(char) ? `\\u{${char.codePointAt(0)?.toString(16)}}` : char;
}
