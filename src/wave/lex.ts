/** The tokens of WAVE, the text form of WebAssembly component values (wasm-tools, crates/wasm-wave). */
import { labelEnd } from "../component/types/label.ts";

/** Thrown for a text that is not WAVE, or not of its type. Positions count bytes of UTF-8, as in wasmtime. */
export class WaveError extends Error {
  override readonly name = "WaveError";

  /** Why a value is not of its type, without the position: wasmtime prints this once more. */
  readonly mismatch: string | undefined;

  /** @param start position in `source`, in UTF-16 units; `end` is exclusive */
  constructor(problem: string, source: string, start: number, end: number, mismatch?: string) {
    super(`${problem} at ${byteLength(source.slice(0, start))}..${byteLength(source.slice(0, end))}`);
    this.mismatch = mismatch;
  }
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Token names as messages show them. */
export type TokenKind =
  | "BraceOpen"
  | "BraceClose"
  | "ParenOpen"
  | "ParenClose"
  | "BracketOpen"
  | "BracketClose"
  | "Colon"
  | "Comma"
  | "Number"
  | "LabelOrKeyword"
  | "Char"
  | "String"
  | "MultilineString";

export interface Token {
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
}

/** Spaces and comments. A comment takes the whole rest of its line, so that there is only one way to match. */
const BLANK = /(?:[ \t\n\r]|\/\/[^\n]*(?:\n|$))*/y;
const ESCAPED = String.raw`\\['"tnr\\]|\\u\{[0-9a-fA-F]{1,6}\}`;

/** All tokens but labels. The order matters: three quotes begin a multi-line string. */
const patterns: readonly (readonly [TokenKind, RegExp])[] = [
  ["BraceOpen", /\{/y],
  ["BraceClose", /\}/y],
  ["ParenOpen", /\(/y],
  ["ParenClose", /\)/y],
  ["BracketOpen", /\[/y],
  ["BracketClose", /\]/y],
  ["Colon", /:/y],
  ["Comma", /,/y],
  ["Number", /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|-inf/y],
  ["Char", new RegExp(`'(?:[^\\\\'\\n]|${ESCAPED})'`, "uy")],
  ["MultilineString", /""".*?"""/sy],
  ["String", new RegExp(`"(?!"")(?:[^\\\\"\\n]|${ESCAPED})*"`, "uy")],
];

/** Returns the token after any blanks and comments from `from` on; undefined at the end. @throws WaveError */
export function lex(source: string, from: number): Token | undefined {
  BLANK.lastIndex = from;
  BLANK.test(source);
  const start = BLANK.lastIndex;
  if (start === source.length) return undefined;
  const label = source[start] === "%" ? start + 1 : start;
  const end = labelEnd(source, label);
  if (end > label) return { kind: "LabelOrKeyword", start, end };
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = start;
    if (pattern.test(source)) return { kind, start, end: pattern.lastIndex };
  }
  throw new WaveError("invalid token", source, start, start + 1);
}
