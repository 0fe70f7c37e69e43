/**
 * Demangles the symbols of Rust's v0 mangling: RFC 2603 and https://doc.rust-lang.org/rustc/symbol-mangling/v0.html, whose
 * productions are functions here.
 */
import type { Mangled } from "./output.ts";
import { type Grammar, Printer } from "./printer.ts";
import { printConst } from "./v0-const.ts";
import { printPath } from "./v0-path.ts";
import { printType } from "./v0-type.ts";

const grammar: Grammar = { path: printPath, type: printType, const: printConst };

/** Without underscore, or with two, where a platform takes away or adds one. A path begins with a capital. */
const PREFIX = /^_{0,2}R(?=[A-Z])/;

/** `<symbol-name>`. */
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
