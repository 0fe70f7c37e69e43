/**
 * Reads a v0 symbol and prints it, production by production. A place that cannot be read is marked in the text, and
 * everything expected after it is printed as `?`, so that brackets still close: `Vec<[({invalid syntax}, ?)]>`.
 */
import type { Output } from "./output.ts";
import { Reader } from "./reader.ts";

/** The most nested productions, as in rustc-demangle. */
const MAX_DEPTH = 500;

/** The most characters of a symbol that are read again for back references, as these may print nothing. */
const MAX_REPEATED = 4_000_000;

export const INVALID = "{invalid syntax}";
const TOO_DEEP = "{recursion limit reached}";

/** The productions that contain each other. */
export interface Grammar {
  /** @param inValue whether Rust needs a `::` before generic arguments */
  path(p: Printer, inValue: boolean): void;
  type(p: Printer): void;
  /** @param inValue whether it is part of an expression, which needs no braces */
  const(p: Printer, inValue: boolean): void;
}

export class Printer {
  readonly #grammar: Grammar;
  #reader: Reader;
  #output: Output | undefined;
  /** How many lifetimes the binders around the current place have bound. */
  #boundLifetimes = 0n;
  #repeated = 0;

  /**
   * @param symbol without its `_R`
   * @param output undefined to read without printing; back references are then not followed, and lifetimes not checked
   */
  constructor(symbol: string, grammar: Grammar, output?: Output) {
    this.#grammar = grammar;
    this.#reader = new Reader(symbol);
    this.#output = output;
  }

  get position(): number {
    return this.#reader.position;
  }

  /** Whether reading has failed or the output has ended. */
  get failed(): boolean {
    return this.#reader.failed || this.#output?.full === true;
  }

  path(inValue: boolean): void {
    this.#grammar.path(this, inValue);
  }

  type(): void {
    this.#grammar.type(this);
  }

  const(inValue: boolean): void {
    this.#grammar.const(this, inValue);
  }

  print(text: string): void {
    this.#output?.print(text);
  }

  fail(problem: string): void {
    this.print(problem);
    this.#reader.failed = true;
  }

  /** Returns what `take` reads; undefined if that, or something before it, failed, which the text then shows. */
  read<T>(take: (reader: Reader) => T | undefined): T | undefined {
    if (this.failed) {
      this.print("?");
      return undefined;
    }
    const taken = take(this.#reader);
    if (taken === undefined) this.fail(INVALID);
    return taken;
  }

  next(): string | undefined {
    return this.read((reader) => reader.next());
  }

  peek(): string | undefined {
    return this.failed ? undefined : this.#reader.peek();
  }

  eat(char: string): boolean {
    return !this.failed && this.#reader.eat(char);
  }

  /** Prints `production` nested in the current one. */
  nest(production: () => void): void {
    const reader = this.read((current) => current);
    if (!reader) return;
    if (++reader.depth > MAX_DEPTH) this.fail(TOO_DEEP);
    else production();
    reader.depth--;
  }

  /** Prints elements until an `E`. @returns how many there were */
  list(element: () => void, separator = ", "): number {
    let count = 0;
    for (; !this.failed && !this.eat("E"); count++) {
      if (count > 0) this.print(separator);
      element();
    }
    return count;
  }

  tuple(element: () => void): void {
    this.print("(");
    if (this.list(element) === 1) this.print(",");
    this.print(")");
  }

  /** Reads `production` without printing it. */
  skip(production: () => void): void {
    const output = this.#output;
    this.#output = undefined;
    production();
    this.#output = output;
  }

  /** Prints `production` at the target of a `<backref>`, after its `B`. */
  backref(production: () => void): void {
    const target = this.read((reader) => reader.backref());
    if (!target) return;
    if (++target.depth > MAX_DEPTH) this.fail(TOO_DEEP);
    else if (this.#output) this.#repeat(target, production, this.#output);
  }

  #repeat(target: Reader, production: () => void, output: Output): void {
    const start = target.position;
    const reader = this.#reader;
    this.#reader = target;
    production();
    this.#reader = reader;
    this.#repeated += target.position - start;
    if (this.#repeated > MAX_REPEATED) output.end();
  }

  /** Prints `[<binder>]`, and `production` with the lifetimes that it binds. */
  binder(production: () => void): void {
    const count = this.read((reader) => reader.optionalNumber("G"));
    if (count === undefined) return;
    const outside = this.#boundLifetimes;
    if (this.#output && count > 0n) this.#bind(count);
    production();
    this.#boundLifetimes = outside;
  }

  #bind(count: bigint): void {
    this.print("for<");
    for (let i = 0n; i < count && !this.failed; i++) {
      if (i > 0n) this.print(", ");
      this.#boundLifetimes++;
      this.printLifetime(1n);
    }
    this.print("> ");
  }

  /** Prints a lifetime. @param index 0 is `'_`; otherwise how many lifetimes were bound since, including this one */
  printLifetime(index: bigint): void {
    if (!this.#output) return;
    const outer = this.#boundLifetimes - index;
    this.print("'");
    if (index === 0n) this.print("_");
    else if (outer < 0n) this.fail(INVALID);
    else if (outer < 26n) this.print(String.fromCharCode(0x61 + Number(outer)));
    else {
      this.print("_");
      this.print(String(outer));
    }
  }
}
