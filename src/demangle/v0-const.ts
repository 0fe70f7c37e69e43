/** `<const>`: the values of const generics, including those of types that the rustc book has no grammar for yet. */
import { escapeDebug, parseBool, parseChar, parseString, parseUint } from "./literals.ts";
import { INVALID, type Printer } from "./printer.ts";
import { printIdentifier } from "./v0-path.ts";
import { basicTypes } from "./v0-type.ts";

/** Literals by their first letter, that of their type. */
const literals: ReadonlyMap<string, (p: Printer, type: string) => void> = new Map([
  ["p", (p) => p.print("_")],
  ["b", printBool],
  ["c", printChar],
  ...Array.from("aslxni", (tag) => [tag, printSigned] as const),
  ...Array.from("htmyoj", (tag) => [tag, printUnsigned] as const),
]);

/** Expressions by their first letter. @returns whether the end of the expression is known */
const expressions: ReadonlyMap<string, (p: Printer) => boolean> = new Map([
  ["A", printArray],
  ["e", printStr],
  ["Q", (p) => printReference(p, "mut ")],
  ["R", (p) => printReference(p, "")],
  ["T", printTuple],
  ["V", printAdt],
]);

/** Prints a `<const>`. @param inValue whether it is part of an expression, which needs no braces */
export function printConst(p: Printer, inValue: boolean): void {
  const tag = p.next();
  if (tag === undefined) return;
  p.nest(() => {
    const printLiteral = literals.get(tag);
    const printExpression = expressions.get(tag);
    if (tag === "B") p.backref(() => p.const(inValue));
    // A string literal is a reference to a str.
    else if (tag === "R" && p.eat("e")) printString(p);
    else if (printLiteral) printLiteral(p, basicTypes.get(tag) ?? "");
    else if (printExpression) printInBraces(p, printExpression, inValue);
    else p.fail(INVALID);
  });
}

function printInBraces(p: Printer, printExpression: (p: Printer) => boolean, inValue: boolean): void {
  if (!inValue) p.print("{");
  if (printExpression(p) && !inValue) p.print("}");
}

/** Reads `<hex-digits> "_"` and parses the digits. @returns undefined if that failed */
function readLiteral<T>(p: Printer, parse: (hexDigits: string) => T | undefined): T | undefined {
  return p.read((reader) => {
    const digits = reader.hexDigits();
    return digits === undefined ? undefined : parse(digits);
  });
}

function printBool(p: Printer): void {
  const value = readLiteral(p, parseBool);
  if (value !== undefined) p.print(String(value));
}

function printChar(p: Printer): void {
  const char = readLiteral(p, parseChar);
  if (char !== undefined) printQuoted(p, "'", char);
}

function printSigned(p: Printer, type: string): void {
  if (p.eat("n")) p.print("-");
  printUnsigned(p, type);
}

/** Prints an unsigned integer. One that needs more than 64 bits stays hexadecimal. */
function printUnsigned(p: Printer, type: string): void {
  const digits = p.read((reader) => reader.hexDigits());
  if (digits === undefined) return;
  const value = parseUint(digits);
  if (value === undefined) p.print("0x");
  p.print(value === undefined ? digits : String(value));
  p.print(type);
}

/** Prints a `<const-str>`. */
function printString(p: Printer): void {
  const text = readLiteral(p, parseString);
  if (text !== undefined) printQuoted(p, '"', text);
}

function printQuoted(p: Printer, quote: '"' | "'", text: string): void {
  p.print(quote);
  for (const char of text) {
    for (const piece of escapeDebug(char, quote)) p.print(piece);
  }
  p.print(quote);
}

/** Prints a place of type `str`, which a string literal refers to. */
function printStr(p: Printer): boolean {
  p.print("*");
  printString(p);
  return true;
}

function printReference(p: Printer, keyword: string): boolean {
  p.print("&");
  p.print(keyword);
  p.const(true);
  return true;
}

function printArray(p: Printer): boolean {
  p.print("[");
  p.list(() => p.const(true));
  p.print("]");
  return true;
}

function printTuple(p: Printer): boolean {
  p.tuple(() => p.const(true));
  return true;
}

/** Prints a struct, or a variant of an enum: `<path> <const-fields>`. */
function printAdt(p: Printer): boolean {
  p.path(true);
  const tag = p.next();
  if (tag === "T") printFields(p, "(", () => p.const(true), ")");
  else if (tag === "S") printFields(p, " { ", () => printField(p), " }");
  else if (tag !== "U" && tag !== undefined) p.fail(INVALID);
  return tag === "U" || tag === "T" || tag === "S";
}

function printFields(p: Printer, open: string, field: () => void, close: string): void {
  p.print(open);
  p.list(field);
  p.print(close);
}

function printField(p: Printer): void {
  const name = p.read((reader) => reader.identifier());
  if (!name) return;
  printIdentifier(p, name);
  p.print(": ");
  p.const(true);
}
