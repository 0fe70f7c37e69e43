/**
 * What reads a v0 symbol and prints it, production by production. A place that cannot be read is told in the text, and what
 * was expected after it is printed as `?`, so that brackets still close: `Vec<[({invalid syntax}, ?)]>`.
 */
import type { Output } from "./output.ts";
import { Reader } from "./reader.ts";

/** How many productions may be inside each other, as many as rustc-demangle follows. */
const MAX_DEPTH = 500;

/** How many characters of a symbol are read again for its back references: what they repeat may print nothing. */
const MAX_REPEATED = 4_000_000;

export const INVALID = "{invalid syntax}";
const TOO_DEEP = "{recursion limit reached}";

/** The productions that contain each other. */
export interface Grammar {
  /** @param inValue Rust wants a `::` before generic arguments. */
  path(p: Printer, inValue: boolean): void;
  type(p: Printer): void;
  /** @param inValue It is part of an expression, which needs no braces. */
  const(p: Printer, inValue: boolean): void;
}

export class Printer {
  readonly #grammar: Grammar;
  #reader: Reader;
  #output: Output | undefined;
  /** How many lifetimes the binders around the place have bound. */
  #boundLifetimes = 0n;
  #repeated = 0;

  /**
   * @param symbol After its `_R`.
   * @param output Undefined: it is only read. Back references are not followed then, nor lifetimes checked.
   */
  constructor(symbol: string, grammar: Grammar, output?: Output) {
    this.#grammar = grammar;
    this.#reader = new Reader(symbol);
    this.#output = output;
  }

  get position(): number {
    return this.#reader.position;
  }

  /** Nothing more is read here. */
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

  /** What `take` takes; undefined: that, or something before it, failed, which is in the text now. */
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

  /** Has `production` printed inside of the one that is being printed. */
  nest(production: () => void): void {
    const reader = this.read((current) => current);
    if (!reader) return;
    if (++reader.depth > MAX_DEPTH) this.fail(TOO_DEEP);
    else production();
    reader.depth--;
  }

  /** Has `element` printed until an `E`. @returns How many there were. */
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

  /** Has `production` read but not printed. */
  skip(production: () => void): void {
    const output = this.#output;
    this.#output = undefined;
    production();
    this.#output = output;
  }

  /** After the `B` of a `<backref>`: has `production` printed at what it repeats. */
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

  /** `[<binder>]`, and `production` with the lifetimes that it binds. */
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

  /** @param index 0: `'_`, else how many lifetimes were bound since, itself included. */
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
