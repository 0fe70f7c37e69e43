/**
 * Demangles symbols of Rust's v0 mangling: RFC 2603 and https://doc.rust-lang.org/rustc/symbol-mangling/v0.html. Each
 * production of the grammar is a function.
 */
import type { Mangled } from "./output.ts";
import { type Grammar, Printer } from "./printer.ts";
import { printConst } from "./v0-const.ts";
import { printPath } from "./v0-path.ts";
import { printType } from "./v0-type.ts";

const grammar: Grammar = { path: printPath, type: printType, const: printConst };

/** With no underscore, or two, if a platform removed or added one. A path begins with a capital. */
const PREFIX = /^_{0,2}R(?=[A-Z])/;

/** Reads a `<symbol-name>`. Returns undefined if it is none. */
export function readV0(name: string): Mangled | undefined {
  const prefix = PREFIX.exec(name)?.[0];
  if (prefix === undefined || /\P{ASCII}/u.test(name)) return undefined;
  const symbol = name.slice(prefix.length);
  const reading = new Printer(symbol, grammar);
  reading.path(false);
  const instantiatingCrate = /^[A-Z]/.test(reading.peek() ?? "");
  if (instantiatingCrate) reading.path(false);
  if (reading.failed) return undefined;
  return {
    suffix: symbol.slice(reading.position),
    print: (output) => new Printer(symbol, grammar, output).path(true),
  };
}
