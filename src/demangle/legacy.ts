/**
 * Demangles symbols of Rust's legacy mangling: a list of elements, each preceded by its length, as the Itanium C++ ABI
 * writes names (`_ZN`, elements, `E`). The last is usually `h` and a hash. Characters that assemblers do not accept are
 * escaped: `$LT$` for `<`, `..` for `::` (RFC 2603, "Current state", and rustc's legacy.rs).
 */
import { parseChar } from "./literals.ts";
import type { Mangled, Output } from "./output.ts";

/** With no underscore, or two, if a platform removed or added one. */
const PREFIX = /^_{0,2}ZN/;

export function readLegacy(name: string): Mangled | undefined {
  const prefix = PREFIX.exec(name)?.[0];
  if (prefix === undefined || /\P{ASCII}/u.test(name)) return undefined;
  const elements: string[] = [];
  let position = prefix.length;
  while (name[position] !== "E") {
    const length = /[0-9]+/y;
    length.lastIndex = position;
    const digits = length.exec(name)?.[0];
    if (digits === undefined) return undefined;
    const start = length.lastIndex;
    position = start + Number(digits);
    if (position >= name.length) return undefined;
    elements.push(name.slice(start, position));
  }
  return { suffix: name.slice(position + 1), print: (output) => printElements(elements, output) };
}

function printElements(elements: readonly string[], output: Output): void {
  for (const [i, element] of elements.entries()) {
    if (i > 0) output.print("::");
    printElement(element, output);
  }
}

function printElement(element: string, output: Output): void {
  const piece = /\.\.?|\$([^$]*)\$|[^.$]+/y;
  // An identifier cannot begin with `$`, so rustc puts a `_` before it.
  let position = element.startsWith("_$") ? 1 : 0;
  for (;;) {
    piece.lastIndex = position;
    const [text = "", escaped] = piece.exec(element) ?? [];
    const plain = escaped === undefined ? text.replace("..", "::") : characterOf(escaped);
    // The end, or an escape that is not known.
    if (text === "" || plain === undefined) break;
    output.print(plain);
    position = piece.lastIndex;
  }
  output.print(element.slice(position));
}

const escapes: ReadonlyMap<string, string> = new Map([
  ["SP", "@"],
  ["BP", "*"],
  ["RF", "&"],
  ["LT", "<"],
  ["GT", ">"],
  ["LP", "("],
  ["RP", ")"],
  ["C", ","],
]);

/**
 * Returns the character of an escape; undefined if it is not known.
 *
 * @param escaped without its `$`: a name, or `u` and the code of a character that is not a control
 */
function characterOf(escaped: string): string | undefined {
  const digits = /^u([0-9a-f]+)$/.exec(escaped)?.[1];
  if (digits === undefined) return escapes.get(escaped);
  const char = parseChar(digits);
  return char === undefined || /\p{Cc}/u.test(char) ? undefined : char;
}
