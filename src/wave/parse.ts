import { labelEnd } from "../component/types/label.ts";
import { lex, type Token, type TokenKind, WaveError } from "./lex.ts";

export type NodeKind =
  | "true"
  | "false"
  | "number"
  | "char"
  | "string"
  | "lines"
  | "tuple"
  | "list"
  /** Children: label, value, label, value ... */
  | "record"
  /** Children: labels. */
  | "flags"
  | "label"
  /** Children: label, payload. */
  | "case"
  | "some"
  | "none"
  | "ok"
  | "err";

/** A value as it was written; its meaning depends on its type. */
export interface Node {
  readonly kind: NodeKind;
  readonly start: number;
  readonly end: number;
  readonly children: readonly Node[];
}

/** A call: `name(arguments)`. */
export interface Call {
  readonly source: string;
  readonly name: string;
  /** A tuple; undefined if there are no arguments. */
  readonly params: Node | undefined;
}

const MAX_DEPTH = 100;

const keywords = ["true", "false", "inf", "nan", "some", "none", "ok", "err"] as const;

/** Returns whether a case of that name must be written with a `%`. */
export function isKeyword(name: string): boolean {
  return keywords.some((keyword) => keyword === name);
}

/** Parses a value. @throws WaveError */
export function parseValue(source: string): Node {
  const parser = new Parser(source, 0);
  const node = parser.node();
  parser.finish();
  return node;
}

const VERSION = /@(?:0|[1-9][0-9]*)\.(?:0|[1-9][0-9]*)\.(?:0|[1-9][0-9]*)/y;

/**
 * Returns the end of a function's name, which may be qualified by an interface, its package and version; 0 if there is
 * none.
 */
function nameEnd(source: string): number {
  const first = labelEnd(source);
  if (first === 0) return 0;
  const inPackage = withLabel(source, first, ":");
  const inInterface = withLabel(source, inPackage, "/");
  const qualified = inPackage > first && inInterface > inPackage ? inInterface : first;
  const end = withLabel(source, qualified, ".");
  VERSION.lastIndex = end;
  return VERSION.test(source) ? VERSION.lastIndex : end;
}

/** Returns the end of a `sign` at that position and the label after it; the position itself if they are not there. */
function withLabel(source: string, at: number, sign: string): number {
  const end = source[at] === sign ? labelEnd(source, at + 1) : at;
  return end > at + 1 ? end : at;
}

/** Parses a call. @throws WaveError */
export function parseCall(source: string): Call {
  if (source === "") throw new WaveError("unexpected end of input", source, 0, 0);
  const name = source.slice(0, nameEnd(source));
  if (name === "") throw new WaveError("invalid token", source, 0, 1);
  const parser = new Parser(source, name.length);
  const params = parser.params();
  parser.finish();
  return { source, name, params };
}

class Parser {
  readonly #source: string;
  /** The last token that was read; reading continues at its end. */
  #token: Token;
  #depth = 0;

  constructor(source: string, from: number) {
    this.#source = source;
    this.#token = { kind: "Comma", start: from, end: from };
  }

  params(): Node | undefined {
    this.#advance();
    this.#expect("ParenOpen");
    if (this.#nextIs("ParenClose")) {
      this.#advance();
      return undefined;
    }
    return this.#tuple();
  }

  node(): Node {
    if (this.#depth >= MAX_DEPTH) this.#fail("value nesting too deep");
    this.#depth++;
    const node = this.#node();
    this.#depth--;
    return node;
  }

  finish(): void {
    const next = this.#peek();
    if (next !== undefined) throw new WaveError("trailing characters after value", this.#source, next.start, next.end);
  }

  #node(): Node {
    const { kind } = this.#advance();
    switch (kind) {
      case "Number":
        return this.#leaf("number");
      case "Char":
        return this.#leaf("char");
      case "String":
        return this.#leaf("string");
      case "MultilineString":
        return this.#leaf("lines");
      case "ParenOpen":
        return this.#tuple();
      case "BracketOpen":
        return this.#list();
      case "BraceOpen":
        return this.#braces();
      case "LabelOrKeyword":
        return this.#word();
      default:
        return this.#unexpected();
    }
  }

  #word(): Node {
    const word = this.#text();
    switch (word) {
      case "true":
      case "false":
      case "none":
        return this.#leaf(word);
      case "inf":
      case "nan":
        return this.#leaf("number");
      case "some":
        return this.#payload("some", true);
      case "ok":
      case "err":
        return this.#payload(word, false);
      default: {
        const label = this.#leaf("label");
        if (!this.#nextIs("ParenOpen")) return label;
        const { end, children } = this.#payload("case", true);
        return { kind: "case", start: label.start, end, children: [label, ...children] };
      }
    }
  }

  /** Parses the parenthesised payload after a word. */
  #payload(kind: NodeKind, required: boolean): Node {
    const { start, end } = this.#token;
    if (!required && !this.#nextIs("ParenOpen")) return { kind, start, end, children: [] };
    this.#advance();
    this.#expect("ParenOpen");
    const payload = this.node();
    this.#advance();
    this.#expect("ParenClose");
    return { kind, start, end: this.#token.end, children: [payload] };
  }

  /** Parses a tuple, after its opening parenthesis. */
  #tuple(): Node {
    const tuple = this.#sequence("tuple", "ParenClose");
    if (tuple.children.length === 0) throw new WaveError("empty tuple", this.#source, tuple.start, tuple.end);
    return tuple;
  }

  #list(): Node {
    return this.#sequence("list", "BracketClose");
  }

  #sequence(kind: NodeKind, close: TokenKind): Node {
    const { start } = this.#token;
    const children: Node[] = [];
    while (!this.#nextIs(close)) {
      children.push(this.node());
      if (this.#nextIs(close)) break;
      this.#advance();
      if (this.#token.kind !== "Comma") this.#unexpected();
    }
    this.#advance();
    return { kind, start, end: this.#token.end, children };
  }

  /** Parses a record or flags; `{:}` is a record without fields. */
  #braces(): Node {
    const { start } = this.#token;
    const first = this.#advance();
    if (first.kind === "Colon") {
      this.#advance();
      this.#expect("BraceClose");
      return { kind: "record", start, end: this.#token.end, children: [] };
    }
    const kind = this.#nextIs("Colon") ? "record" : "flags";
    const children: Node[] = [];
    const seen = new Set<string>();
    while (this.#token.kind !== "BraceClose") {
      this.#expect("LabelOrKeyword");
      const label = this.#leaf("label");
      const name = this.#text().replace(/^%/, "");
      if (seen.has(name)) this.#fail(`duplicate ${kind === "record" ? "field" : "flag"}: "${name}"`);
      seen.add(name);
      children.push(label);
      if (kind === "record") {
        this.#advance();
        this.#expect("Colon");
        children.push(this.node());
      }
      this.#advance();
      if (this.#token.kind === "Comma") this.#advance();
    }
    return { kind, start, end: this.#token.end, children };
  }

  #leaf(kind: NodeKind): Node {
    return { kind, start: this.#token.start, end: this.#token.end, children: [] };
  }

  #text(): string {
    return this.#source.slice(this.#token.start, this.#token.end);
  }

  #peek(): Token | undefined {
    return lex(this.#source, this.#token.end);
  }

  #nextIs(kind: TokenKind): boolean {
    return this.#peek()?.kind === kind;
  }

  #advance(): Token {
    const next = this.#peek();
    if (next === undefined) {
      const end = this.#source.length;
      throw new WaveError("unexpected end of input", this.#source, end, end);
    }
    this.#token = next;
    return next;
  }

  #expect(kind: TokenKind): void {
    if (this.#token.kind !== kind) this.#unexpected();
  }

  #unexpected(): never {
    return this.#fail(`unexpected token: ${this.#token.kind}`);
  }

  #fail(problem: string): never {
    throw new WaveError(problem, this.#source, this.#token.start, this.#token.end);
  }
}
