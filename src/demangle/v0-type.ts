/** `<type>`. */
import { INVALID, type Printer } from "./printer.ts";
import { printGenericArgs, printIdentifier } from "./v0-path.ts";

/** `<basic-type>`. */
export const basicTypes: ReadonlyMap<string, string> = new Map([
  ["a", "i8"],
  ["b", "bool"],
  ["c", "char"],
  ["d", "f64"],
  ["e", "str"],
  ["f", "f32"],
  ["h", "u8"],
  ["i", "isize"],
  ["j", "usize"],
  ["l", "i32"],
  ["m", "u32"],
  ["n", "i128"],
  ["o", "u128"],
  ["p", "_"],
  ["s", "i16"],
  ["t", "u16"],
  ["u", "()"],
  ["v", "..."],
  ["x", "i64"],
  ["y", "u64"],
  ["z", "!"],
]);

/** Compound types by their first letter; all other types are paths. */
const compoundTypes: ReadonlyMap<string, (p: Printer) => void> = new Map([
  ["A", printArray],
  ["B", (p) => p.backref(() => p.type())],
  ["D", printDynTraitType],
  ["F", (p) => p.binder(() => printFnSig(p))],
  ["O", (p) => printPointer(p, "*mut ")],
  ["P", (p) => printPointer(p, "*const ")],
  ["Q", (p) => printReference(p, "mut ")],
  ["R", (p) => printReference(p, "")],
  ["S", printSlice],
  ["T", (p) => p.tuple(() => p.type())],
  ["W", printPatternType],
]);

export function printType(p: Printer): void {
  // The marker of arguments that a call spreads; not in the grammar yet.
  if (p.eat("w")) p.print("#[splat] ");
  const tag = p.read((reader) => reader.peek());
  if (tag === undefined) return;
  const basicType = basicTypes.get(tag);
  const printCompoundType = compoundTypes.get(tag);
  if (basicType !== undefined || printCompoundType) p.eat(tag);
  if (basicType !== undefined) p.print(basicType);
  else p.nest(() => (printCompoundType ? printCompoundType(p) : p.path(false)));
}

function printArray(p: Printer): void {
  p.print("[");
  p.type();
  p.print("; ");
  p.const(true);
  p.print("]");
}

function printSlice(p: Printer): void {
  p.print("[");
  p.type();
  p.print("]");
}

function printPointer(p: Printer, keywords: string): void {
  p.print(keywords);
  p.type();
}

function printReference(p: Printer, keyword: string): void {
  p.print("&");
  if (p.eat("L")) {
    const lifetime = p.read((reader) => reader.base62Number());
    if (lifetime === undefined) return;
    if (lifetime !== 0n) {
      p.printLifetime(lifetime);
      p.print(" ");
    }
  }
  p.print(keyword);
  p.type();
}

function printFnSig(p: Printer): void {
  const isUnsafe = p.eat("U");
  const abi = p.eat("K") ? readAbi(p) : "";
  if (abi === undefined) return;
  p.print(isUnsafe ? "unsafe " : "");
  if (abi !== "") printAbi(p, abi);
  p.print("fn(");
  p.list(() => p.type());
  p.print(")");
  // The return type `()` is not printed.
  if (p.eat("u")) return;
  p.print(" -> ");
  p.type();
}

/** Reads an ABI's name. @returns undefined if that failed */
function readAbi(p: Printer): string | undefined {
  if (p.eat("C")) return "C";
  return p.read((reader) => {
    const name = reader.undisambiguatedIdentifier();
    return name?.punycode === "" && name.ascii !== "" ? name.ascii : undefined;
  });
}

/** Prints an ABI's name, whose `-` were encoded as `_`. */
function printAbi(p: Printer, abi: string): void {
  p.print('extern "');
  for (const piece of abi.split(/(_)/)) p.print(piece === "_" ? "-" : piece);
  p.print('" ');
}

/** Prints `<dyn-bounds> <lifetime>`. */
function printDynTraitType(p: Printer): void {
  p.print("dyn ");
  p.binder(() => p.list(() => printDynTrait(p), " + "));
  if (p.eat("L")) printDynLifetime(p);
  else p.fail(INVALID);
}

function printDynLifetime(p: Printer): void {
  const lifetime = p.read((reader) => reader.base62Number());
  if (lifetime === undefined || lifetime === 0n) return;
  p.print(" + ");
  p.printLifetime(lifetime);
}

/** Prints `<path> {<dyn-trait-assoc-binding>}`: bindings are printed among the path's generic arguments. */
function printDynTrait(p: Printer): void {
  let open = printOpenPath(p);
  while (p.eat("p")) {
    p.print(open ? ", " : "<");
    open = true;
    const name = p.read((reader) => reader.undisambiguatedIdentifier());
    if (!name) return;
    printIdentifier(p, name);
    p.print(" = ");
    if (p.eat("K")) p.const(false);
    else p.type();
  }
  if (open) p.print(">");
}

/** Prints a path without its closing `>`. @returns whether it has generic arguments */
function printOpenPath(p: Printer): boolean {
  if (p.eat("B")) {
    let open = false;
    p.backref(() => {
      open = printOpenPath(p);
    });
    return open;
  }
  const open = p.eat("I");
  p.path(false);
  if (open) printGenericArgs(p);
  return open;
}

function printPatternType(p: Printer): void {
  p.type();
  p.print(" is ");
  printPattern(p);
}

/** Prints a `<pattern-kind>`. */
function printPattern(p: Printer): void {
  const tag = p.next();
  if (tag === "R") printRangePattern(p);
  else if (tag === "O") p.nest(() => printOrPattern(p));
  else if (tag === "N") p.print("!null");
  else if (tag !== undefined) p.fail(INVALID);
}

function printRangePattern(p: Printer): void {
  p.const(false);
  p.print("..=");
  p.const(false);
}

function printOrPattern(p: Printer): void {
  printPattern(p);
  while (!p.failed && !p.eat("E")) {
    p.print(" | ");
    printPattern(p);
  }
  if (p.failed) p.fail(INVALID);
}
