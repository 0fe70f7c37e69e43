/**
 * Makes names and messages of a file or a guest safe for a terminal. Escaped, as in JSON, are control characters (C0, DEL, C1),
 * which can move the cursor, and characters that end lines or change the direction of text (Unicode, UAX #9).
 */

const unprintable = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

const short: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function escaped(char: string): string {
  return short[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Escapes text that stands in one line. */
export function printable(text: string): string {
  return text.replace(unprintable, escaped);
}

/** Escapes text that may have lines and tabs. */
export function printableLines(text: string): string {
  return text.replace(unprintable, (char) => (char === "\n" || char === "\t" ? char : escaped(char)));
}

/** Replaces characters of a line one by one, so that columns stay the same. */
export function printableColumns(text: string): string {
  return text.replace(unprintable, (char) => (char === "\t" ? char : "\ufffd"));
}
