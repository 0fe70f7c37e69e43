/** Characters and strings of WAVE, with escapes and multi-line strings. */
import { WaveError } from "./lex.ts";
import type { Node } from "./parse.ts";

const named: Readonly<Record<string, string>> = { t: "\t", n: "\n", r: "\r", "'": "'", '"': '"', "\\": "\\" };

/** Returns the character of a node. @throws WaveError */
export function readChar(source: string, { start, end }: Node): string {
  const inner = source.slice(start + 1, end - 1);
  const char = inner.startsWith("\\") ? unescaped(inner) : inner;
  if (char === undefined) throw new WaveError("invalid character escape", source, start, end);
  return char;
}

/** Returns the string of a node. @throws WaveError */
export function readString(source: string, node: Node): string {
  if (node.kind === "string") return decoded(source, node.start + 1, node.end - 1);
  return readLines(source, node.start + 3, node.end - 3);
}

/** Returns the character of one escape; undefined if it is not valid. */
function unescaped(text: string): string | undefined {
  if (text[1] !== "u") return named[text[1] ?? ""];
  const code = Number.parseInt(text.slice(3, -1), 16);
  return code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? undefined : String.fromCodePoint(code);
}

function decoded(source: string, start: number, end: number): string {
  return source.slice(start, end).replace(/\\(?:u\{[0-9a-fA-F]{1,6}\}|.|$)/gsu, (sequence, at: number) => {
    const char = unescaped(sequence);
    if (char === undefined) throw new WaveError("invalid character escape", source, start + at, start + at + 1);
    return char;
  });
}

/**
 * Returns a multi-line string. The closing quotes are on a line of their own, whose indentation is removed from every
 * other line.
 */
function readLines(source: string, start: number, end: number): string {
  const fail = (why: string, from: number, to: number): never => {
    throw new WaveError(`invalid multiline string: ${why}`, source, from, to);
  };
  const lines = source.slice(start, end).split("\n");
  const indent = lines.at(-1)!;
  if (/[^ ]/.test(indent)) return fail('closing """ must be on a line preceded only by spaces', end - 3, end);
  if (lines.length === 1 || !/^\r?$/.test(lines[0]!))
    return fail('opening """ must be followed immediately by newline', start, start + 1);
  let at = start + lines[0]!.length + 1;
  const read = lines.slice(1, -1).map((line) => {
    const begin = at;
    at += line.length + 1;
    if (!line.startsWith(indent))
      return fail('lines must be indented at least as much as closing """', begin, begin + 1);
    return decoded(source, begin + indent.length, begin + line.replace(/\r$/, "").length);
  });
  return read.join("\n");
}
