/**
 * Names and messages of a file or a guest as a terminal may show them: control characters (C0, DEL, C1), which move its cursor
 * and more, and those that end lines or turn the direction of text (Unicode, UAX #9) are escaped as JSON writes them.
 */

const unprintable = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

const short: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function escaped(char: string): string {
  return short[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Text that is, or is part of, one line. */
export function printable(text: string): string {
  return text.replace(unprintable, escaped);
}

/** Text of lines and tabs. */
export function printableLines(text: string): string {
  return text.replace(unprintable, (char) => (char === "\n" || char === "\t" ? char : escaped(char)));
}

/** One line with as many characters as before. */
export function printableColumns(text: string): string {
  return text.replace(unprintable, (char) => (char === "\t" ? char : "\ufffd"));
}
