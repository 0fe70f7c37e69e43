import {
  enumeration,
  flags,
  handle,
  list,
  option,
  prims,
  readable,
  record,
  result,
  tuple,
  variant,
} from "../../component/types/layout.ts";
import { parseExternName } from "../../component/types/names.ts";
import {
  type FuncType,
  type PrimKind,
  type ResourceId,
  resourceId,
  type ValType,
} from "../../component/types/types.ts";
import type { Interfaces } from "./table.ts";

/** WASI's resources by name. Their names are unique in a version. */
export class Resources {
  readonly #ids = new Map<string, ResourceId>();

  named(name: string): ResourceId {
    const id = this.#ids.get(name) ?? resourceId();
    this.#ids.set(name, id);
    return id;
  }
}

/** Reads the types in the tables (table.ts), each when it is first asked for. Throws on a text that is no type. */
export class TypeReader {
  readonly #texts: Readonly<Record<string, string>>;
  readonly #resources: Resources;
  readonly #types = new Map<string, ValType>();

  /** @param tables the tables to look names up in, the first one first */
  constructor(tables: readonly Interfaces[], resources: Resources) {
    this.#texts = Object.assign({}, ...tables.flatMap((table) => Object.values(table)).reverse());
    this.#resources = resources;
  }

  /**
   * Returns the type of a function.
   *
   * @param name its WIT name, which tells the `self` of a method and the result of a constructor
   */
  func(name: string, text: string): FuncType {
    const of = parseExternName(name);
    const self = of?.kind === "method" ? [this.type(of.resource)] : [];
    const made = of?.kind === "constructor" ? this.type(of.resource) : undefined;
    const tokens = new Tokens(text);
    const async = tokens.accept("async");
    tokens.expect("(");
    const params = tokens.list(")", () => this.#type(tokens));
    const returned = tokens.accept("->") ? this.#type(tokens) : made;
    tokens.end();
    return { async, params: [...self, ...params].map((type) => ({ name: "", type })), result: returned };
  }

  /** Returns the type of that name. */
  type(name: string): ValType {
    const known = prims[name as PrimKind] ?? this.#types.get(name);
    if (known !== undefined) return known;
    const text = this.#texts[name];
    if (text === undefined) throw new Error(`no type is called ${name}`);
    const tokens = new Tokens(text);
    const type = text === "resource" ? handle("own", this.#resources.named(name)) : this.#type(tokens);
    if (text !== "resource") tokens.end();
    this.#types.set(name, type);
    return type;
  }

  #type(tokens: Tokens): ValType {
    const word = tokens.next();
    const type = () => this.#type(tokens);
    const braced = <T>(item: () => T): readonly T[] => {
      tokens.expect("{");
      return tokens.list("}", item);
    };
    switch (word) {
      case "list":
      case "option": {
        tokens.expect("<");
        const [of] = tokens.list(">", type);
        return word === "list" ? list(of!) : option(of!);
      }
      case "stream":
      case "future":
        return readable(word, tokens.accept("<") ? tokens.list(">", type)[0] : undefined);
      case "tuple":
        tokens.expect("<");
        return tuple(tokens.list(">", type));
      case "result": {
        const [ok, err] = tokens.accept("<") ? tokens.list(">", () => (tokens.accept("_") ? undefined : type())) : [];
        return result(ok, err);
      }
      case "record":
        return record(braced(() => ({ name: tokens.next(":"), type: type() })));
      case "variant":
        return variant(
          braced(() => ({ name: tokens.next(), type: tokens.accept("(") ? tokens.list(")", type)[0] : undefined })),
        );
      case "enum":
        return enumeration(braced(() => tokens.next()));
      case "flags":
        return flags(braced(() => tokens.next()));
      default:
        return this.type(word);
    }
  }
}

class Tokens {
  readonly #text: string;
  readonly #words: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#words = text.match(/->|[\w-]+|[^\s\w]/g) ?? [];
  }

  /** Returns the next word. @param follows the token that must follow it, which is skipped */
  next(follows?: string): string {
    const word = this.#words[this.#at++] ?? this.#fail("more");
    if (follows !== undefined) this.expect(follows);
    return word;
  }

  /** Skips the next token if it is `word`. Returns whether it was. */
  accept(word: string): boolean {
    if (this.#words[this.#at] !== word) return false;
    this.#at++;
    return true;
  }

  /** Skips the next token. @throws if it is not `word` */
  expect(word: string): void {
    if (!this.accept(word)) this.#fail(`\`${word}\``);
  }

  /** Reads items separated by commas, up to the closing bracket. */
  list<T>(close: string, item: () => T): readonly T[] {
    const items: T[] = [];
    while (!this.accept(close)) {
      if (items.length > 0) this.expect(",");
      items.push(item());
    }
    return items;
  }

  /** Checks that nothing follows. */
  end(): void {
    if (this.#at < this.#words.length) this.#fail("the end");
  }

  #fail(expected: string): never {
    throw new Error(`expected ${expected} at word ${this.#at + 1} of \`${this.#text}\``);
  }
}
