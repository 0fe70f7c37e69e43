/** Punycode (RFC 3492), with the parameters of host names. */

const BASE = 36;
const T_MIN = 1;
const T_MAX = 26;
const SKEW = 38;
const FIRST_DAMP = 700;
const FIRST_BIAS = 72;
const FIRST_CODE = 0x80;
const LAST_CODE = 0x10ffff;
const DIGITS = "abcdefghijklmnopqrstuvwxyz0123456789";

/** The most characters that are decoded, as in rustc-demangle: each one is inserted between the earlier ones. */
const MAX_CHARS = 128;

/** Decodes an identifier. @returns undefined if it is invalid or too long */
export function decodePunycode(basic: string, encoded: string): string[] | undefined {
  const chars = [...basic];
  let code = FIRST_CODE;
  let place = 0;
  let bias = FIRST_BIAS;
  for (let at = 0; at < encoded.length; ) {
    const read = readDelta(encoded, at, bias);
    if (!read) return undefined;
    const length = chars.length + 1;
    const steps = place + read.delta;
    code += Math.floor(steps / length);
    const surrogate = code >= 0xd800 && code < 0xe000;
    if (length > MAX_CHARS || code > LAST_CODE || surrogate) return undefined;
    place = steps % length;
    chars.splice(place++, 0, String.fromCodePoint(code));
    bias = adapt(read.delta, length, at === 0);
    at = read.end;
  }
  return chars;
}

/** Reads a variable-length integer: the number of states between two insertions. */
function readDelta(encoded: string, start: number, bias: number): { delta: number; end: number } | undefined {
  let delta = 0;
  let weight = 1;
  for (let at = start, k = BASE; ; at++, k += BASE) {
    const digit = at < encoded.length ? DIGITS.indexOf(encoded.charAt(at)) : -1;
    delta += digit * weight;
    if (digit < 0 || delta > (LAST_CODE + 1) * MAX_CHARS) return undefined;
    const threshold = Math.min(Math.max(k - bias, T_MIN), T_MAX);
    if (digit < threshold) return { delta, end: at + 1 };
    weight *= BASE - threshold;
  }
}

function adapt(delta: number, length: number, first: boolean): number {
  let rest = Math.floor(delta / (first ? FIRST_DAMP : 2));
  rest += Math.floor(rest / length);
  let k = 0;
  for (; rest > ((BASE - T_MIN) * T_MAX) / 2; k += BASE) rest = Math.floor(rest / (BASE - T_MIN));
  return k + Math.floor(((BASE - T_MIN + 1) * rest) / (rest + SKEW));
}
