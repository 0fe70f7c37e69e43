/** `<path>`: the item that a symbol names, and its generic arguments. */
import { INVALID, type Printer } from "./printer.ts";
import { decodePunycode } from "./punycode.ts";
import type { Identifier, UndisambiguatedIdentifier } from "./reader.ts";

/** Paths by their first letter. */
const paths: ReadonlyMap<string, (p: Printer, inValue: boolean) => void> = new Map([
  ["B", (p, inValue) => p.backref(() => p.path(inValue))],
  ["C", printCrateRoot],
  ["I", printGenericPath],
  ["M", (p) => printImpl(p, printSelf)],
  ["N", printNestedPath],
  ["X", (p) => printImpl(p, printTraitSelf)],
  ["Y", printTraitSelf],
]);

const specialNamespaces: ReadonlyMap<string, string> = new Map([
  ["C", "closure"],
  ["S", "shim"],
]);

export function printPath(p: Printer, inValue: boolean): void {
  p.nest(() => {
    const tag = p.next();
    if (tag === undefined) return;
    const print = paths.get(tag);
    if (print) print(p, inValue);
    else p.fail(INVALID);
  });
}

function printCrateRoot(p: Printer): void {
  const name = p.read((reader) => reader.identifier());
  if (!name) return;
  printIdentifier(p, name);
  if (name.disambiguator === 0n) return;
  p.print("[");
  p.print(name.disambiguator.toString(16));
  p.print("]");
}

function printNestedPath(p: Printer, inValue: boolean): void {
  const namespace = p.read((reader) => reader.namespace());
  if (namespace === undefined) return;
  p.path(inValue);
  // Before the `?` that is printed next.
  if (p.failed) p.print("::");
  const name = p.read((reader) => reader.identifier());
  if (!name) return;
  if (namespace >= "a") printSegment(p, name);
  else printSpecialSegment(p, namespace, name);
}

function printSegment(p: Printer, name: Identifier): void {
  if (isEmpty(name)) return;
  p.print("::");
  printIdentifier(p, name);
}

/** Prints the segment of an item that the compiler made, such as a closure. */
function printSpecialSegment(p: Printer, namespace: string, name: Identifier): void {
  p.print("::{");
  p.print(specialNamespaces.get(namespace) ?? namespace);
  if (!isEmpty(name)) {
    p.print(":");
    printIdentifier(p, name);
  }
  p.print("#");
  p.print(String(name.disambiguator));
  p.print("}");
}

/** Prints an impl. Its `<impl-path>`, the place of the impl, is skipped. */
function printImpl(p: Printer, printOf: (p: Printer) => void): void {
  if (p.read((reader) => reader.disambiguator()) === undefined) return;
  p.skip(() => p.path(false));
  printOf(p);
}

function printSelf(p: Printer): void {
  p.print("<");
  p.type();
  p.print(">");
}

function printTraitSelf(p: Printer): void {
  p.print("<");
  p.type();
  p.print(" as ");
  p.path(false);
  p.print(">");
}

function printGenericPath(p: Printer, inValue: boolean): void {
  p.path(inValue);
  if (inValue) p.print("::");
  printGenericArgs(p);
  p.print(">");
}

/** Prints `{<generic-arg>} "E"` without the `>`. */
export function printGenericArgs(p: Printer): void {
  p.print("<");
  p.list(() => printGenericArg(p));
}

function printGenericArg(p: Printer): void {
  if (p.eat("L")) printLifetimeArg(p);
  else if (p.eat("K")) p.const(false);
  else p.type();
}

function printLifetimeArg(p: Printer): void {
  const lifetime = p.read((reader) => reader.base62Number());
  if (lifetime !== undefined) p.printLifetime(lifetime);
}

function isEmpty({ ascii, punycode }: UndisambiguatedIdentifier): boolean {
  return ascii === "" && punycode === "";
}

export function printIdentifier(p: Printer, { ascii, punycode }: UndisambiguatedIdentifier): void {
  const encoded = ["punycode{", ascii, ascii === "" ? "" : "-", punycode, "}"];
  for (const piece of punycode === "" ? [ascii] : (decodePunycode(ascii, punycode) ?? encoded)) p.print(piece);
}
