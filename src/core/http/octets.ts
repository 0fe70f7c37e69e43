/** Tables of the bytes that are allowed in the parts of a message (RFC 9110, RFC 9112, RFC 3986); 0: not allowed. */

function table(allowed: string, high: 0 | 1): Uint8Array {
  const bytes = new Uint8Array(256);
  bytes.fill(high, 0x80);
  for (let i = 0; i < allowed.length; i++) bytes[allowed.charCodeAt(i)] = 1;
  return bytes;
}

function range(first: string, last: string): string {
  let text = "";
  for (let code = first.charCodeAt(0); code <= last.charCodeAt(0); code++) text += String.fromCharCode(code);
  return text;
}

const digits = range("0", "9");
const alphanumeric = digits + range("A", "Z") + range("a", "z");
const graphic = range("!", "~");

function without(text: string, characters: string): string {
  return [...text].filter((character) => !characters.includes(character)).join("");
}

/** `token`: the byte in lower case. */
export const LOWER: Uint8Array = table(`${alphanumeric}!#$%&'*+-.^_\`|~`, 0).map((is, byte) =>
  is === 0 ? 0 : byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte,
);

/** `field-value`, including blanks. */
export const VALUE: Uint8Array = table(`\t ${graphic}`, 1);

/** A path or a query by the rules of Rust's http, which accept more than RFC 3986, as clients send it. */
export const PATH: Uint8Array = table(without(graphic, "#<>?"), 1);
export const QUERY: Uint8Array = table(without(graphic, '"#<>'), 1);

/** `host` and `port` of RFC 3986, without user information (RFC 9110, section 4.2.4). */
export const AUTHORITY: Uint8Array = table(`${alphanumeric}-._~!$&'()*+,;=%:[]`, 0);

export const SCHEME: Uint8Array = table(`${alphanumeric}+-.`, 0);

export function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

/** The largest number that is exact. No body gets there. */
export const LONGEST = Number.MAX_SAFE_INTEGER;

/** Returns the number that these digits are, LONGEST at most; undefined if they are not digits. */
export function numberOf(bytes: Uint8Array, start: number, end: number): number | undefined {
  if (start === end) return undefined;
  let number = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (!isDigit(byte)) return undefined;
    number = Math.min(10 * number + byte - 0x30, LONGEST);
  }
  return number;
}
