import { camelCase, parseExternName, pascalCase, splitVersion } from "../component/types/names.ts";
import type { ComponentType, ExternType, ResourceId, TypeDef, ValType } from "../component/types/types.ts";
import { identity } from "../inspect/wit-type.ts";
import { type CallStyle, construction, signature, thrown } from "./function-text.ts";
import { expression, members, property, quoted, type TypeNames } from "./type-text.ts";

type Externs = ReadonlyMap<string, ExternType>;
type Lines = readonly string[];
type Side = CallStyle["side"];

export interface DeclarationOptions {
  /** The name of the interface of the exports. */
  readonly name: string;
  /** Exported functions return promises, and imported ones may. */
  readonly suspends: boolean;
  /** It has async functions, streams or futures. */
  readonly usesAsync: boolean;
}

/**
 * A component's imports and exports as a TypeScript module, for `instantiate<App>()`: a namespace with the types of each interface; the
 * exports as an interface of the given name; what the program gives it as `Imports`, and of WASI as `WasiImports`. What TypeScript has
 * no words for, an import that is a component or core module, is left out: nobody can give it.
 */
export function declarationsOf({ imports, exports }: ComponentType, options: DeclarationOptions): string {
  const writer = new Writer(options);
  writer.declare("import", imports);
  writer.declare("export", exports);
  return writer.text(imports, exports);
}

class Writer implements TypeNames {
  readonly #options: DeclarationOptions;
  /** The full names of types, by what makes them one. */
  readonly #names = new Map<object, string>();
  /** The names of interfaces, by side and name. */
  readonly #namespaces = new Map<string, string>();
  readonly #taken: Set<string>;

  constructor(options: DeclarationOptions) {
    this.#options = options;
    this.#taken = new Set([options.name, "Imports", "WasiImports"]);
  }

  value(type: ValType): string | undefined {
    const key = identity(type);
    return key && this.#names.get(key);
  }

  resource(id: ResourceId): string {
    return this.#names.get(id.root) ?? "object";
  }

  /** Gives all types their names: before anything is written, as they may refer to later ones. */
  declare(side: Side, externs: Externs): void {
    for (const [name, type] of externs) {
      if (type.kind === "type") this.#declareType("", name, type.type);
      if (type.kind !== "instance") continue;
      const namespace = this.#namespaceOf(side, name);
      for (const [item, { kind, type: def }] of type.type.exports)
        if (kind === "type") this.#declareType(`${namespace}.`, item, def);
    }
  }

  #declareType(prefix: string, name: string, def: TypeDef): void {
    const key = keyOf(def);
    if (key !== undefined && !this.#names.has(key)) this.#names.set(key, `${prefix}${pascalCase(name)}`);
  }

  /** `wasi:io/poll@0.2.6` is `WasiIoPoll`; another version of it, or the same on the other side, has a number behind. */
  #namespaceOf(side: Side, name: string): string {
    const key = `${side} ${name}`;
    let namespace = this.#namespaces.get(key);
    if (namespace === undefined) {
      const base = pascalCase(splitVersion(name).base.replaceAll(/[:/]/g, "-"));
      namespace = base;
      for (let i = 2; this.#taken.has(namespace); i++) namespace = `${base}${i}`;
      this.#taken.add(namespace);
      this.#namespaces.set(key, namespace);
    }
    return namespace;
  }

  text(imports: Externs, exports: Externs): string {
    const ofWasi = (name: string): boolean => name.startsWith("wasi:");
    const wasi = new Map([...imports].filter(([name]) => ofWasi(name)));
    const others = new Map([...imports].filter(([name]) => !ofWasi(name)));
    return [
      ...this.#namespacesOf("import", imports),
      ...this.#namespacesOf("export", exports),
      ...this.#types("", others, "import").flatMap(exported),
      ...this.#types("", exports, "export").flatMap(exported),
      "/** What the program gives it. */",
      ...block("export type Imports =", this.#values("", others, "import"), "};"),
      "",
      "/** What it imports of WASI: `instantiate` has it with `wasi: {}`, and preview2-shim's `WASIShim`. */",
      ...block("export type WasiImports =", this.#values("", wasi, "import"), "};"),
      "",
      "/** What it exports. */",
      ...block(`export interface ${this.#options.name}`, this.#values("", exports, "export")),
      "",
    ].join("\n");
  }

  #namespacesOf(side: Side, externs: Externs): Lines {
    return [...externs].flatMap(([name, type]) => {
      if (type.kind !== "instance") return [];
      const namespace = this.#namespaceOf(side, name);
      const types = this.#types(`${namespace}.`, type.type.exports, side).flat();
      const instance = block(
        `export type ${namespace} =`,
        this.#values(`${namespace}.`, type.type.exports, side),
        "};",
      );
      const all = types.length === 0 ? [] : block(`export declare namespace ${namespace}`, types);
      return [`/** \`${name}\`, ${side}ed. */`, ...all, ...instance, ""];
    });
  }

  /** The types that stand here, each as its lines. */
  #types(prefix: string, externs: Externs, side: Side): readonly Lines[] {
    return [...externs].flatMap(([name, type]) =>
      type.kind === "type" ? [this.#type(prefix, name, type.type, externs, side)] : [],
    );
  }

  #type(prefix: string, name: string, def: TypeDef, around: Externs, side: Side): Lines {
    const own = pascalCase(name);
    const key = keyOf(def);
    const full = key && this.#names.get(key);
    if (full !== undefined && full !== `${prefix}${own}`) return full === own ? [] : [`type ${own} = ${full};`];
    if (def.kind === "resource") return this.#resource(own, name, around, side);
    if (def.kind !== "value") return [];
    const { type } = def;
    if (type.kind === "record" || type.kind === "flags") return block(`interface ${own}`, members(type, this, "got"));
    return [`type ${own} = ${expression(type, this, "got")};`];
  }

  #resource(own: string, name: string, around: Externs, side: Side): Lines {
    const style = this.#style(side);
    const methods = [...around].flatMap(([item, type]) => {
      const parsed = type.kind === "func" ? parseExternName(item) : undefined;
      if (type.kind !== "func" || parsed?.kind !== "method" || parsed.resource !== name) return [];
      const member = camelCase(parsed.member);
      const key = side === "export" && member === "then" ? item : member;
      return [...thrown(type.type, style, this), `${property(key)}${signature(type.type, style, this, true)};`];
    });
    if (side === "export")
      return block(`interface ${own} extends ${style.suspends ? "AsyncDisposable" : "Disposable"}`, methods);
    const disposed = style.suspends ? "void | PromiseLike<void>" : "void";
    return block(`interface ${own}`, [...methods, `[Symbol.dispose]?(): ${disposed};`]);
  }

  #style(side: Side): CallStyle {
    return { side, suspends: this.#options.suspends, usesAsync: this.#options.usesAsync };
  }

  /** Functions, classes and instances, as the properties of an object. */
  #values(prefix: string, externs: Externs, side: Side): Lines {
    const found = new Map<string, Lines>();
    for (const [name, type] of externs) {
      const lines = this.#value(prefix, name, type, externs, side);
      if (lines !== undefined) found.set(...lines);
    }
    if (side === "export")
      for (const [name, text] of this.#shortNames(externs)) if (!found.has(name)) found.set(name, [text]);
    return [...found.values()].flat();
  }

  #value(
    prefix: string,
    name: string,
    type: ExternType,
    around: Externs,
    side: Side,
  ): [key: string, lines: Lines] | undefined {
    const style = this.#style(side);
    switch (type.kind) {
      case "instance":
        return [name, [`${property(name)}: ${this.#namespaceOf(side, name)};`]];
      case "func": {
        if (parseExternName(name)?.kind !== "label") return undefined;
        const key = camelCase(name);
        return [key, [...thrown(type.type, style, this), `${property(key)}${signature(type.type, style, this)};`]];
      }
      case "type": {
        if (type.type.kind !== "resource") return undefined;
        const key = pascalCase(name);
        // What another interface gives need not be given again.
        if (side === "import" && this.resource(type.type.resource) !== `${prefix}${key}`) return undefined;
        return [key, [`${property(key)}: ${this.#class(name, type.type.resource, around, side)};`]];
      }
      default:
        return undefined;
    }
  }

  /** The class of a resource, with its static functions. Without a constructor nobody makes objects of it by `new`. */
  #class(name: string, id: ResourceId, around: Externs, side: Side): string {
    const style = this.#style(side);
    const thing = this.resource(id);
    let made = `abstract new (...args: never[]) => ${thing}`;
    const statics: string[] = [];
    for (const [item, type] of around) {
      const parsed = type.kind === "func" ? parseExternName(item) : undefined;
      if (type.kind !== "func" || parsed === undefined || !("resource" in parsed) || parsed.resource !== name) continue;
      if (parsed.kind === "constructor") made = construction(type.type, style, this, thing);
      if (parsed.kind === "static")
        statics.push(`${property(camelCase(parsed.member))}${signature(type.type, style, this)}`);
    }
    return statics.length === 0 ? made : `(${made}) & { ${statics.join("; ")} }`;
  }

  /** Interfaces without their versions and by their labels, as component/link/exports.ts has them. */
  *#shortNames(externs: Externs): Iterable<[name: string, text: string]> {
    const instances = [...externs].filter(([, { kind }]) => kind === "instance").map(([name]) => name);
    const newestFirst = instances.sort((a, b) => b.localeCompare(a, "en", { numeric: true }));
    const named = (name: string, of: string): [string, string] => [
      name,
      `${property(name)}: ${this.#namespaceOf("export", of)};`,
    ];
    for (const name of newestFirst) yield named(splitVersion(name).base, name);
    const byBase = new Map(newestFirst.toReversed().map((name) => [splitVersion(name).base, name]));
    for (const base of [...byBase.keys()].sort())
      yield named(camelCase(base.slice(base.indexOf("/") + 1)), byBase.get(base)!);
  }
}

function keyOf(def: TypeDef): object | undefined {
  if (def.kind === "resource") return def.resource.root;
  return def.kind === "value" ? identity(def.type) : undefined;
}

function exported(lines: Lines): Lines {
  const [first = "", ...rest] = lines;
  return lines.length === 0 ? [] : [`export ${first}`, ...rest, ""];
}

/** `head { lines }`, indented. */
function block(head: string, lines: Lines, end = "}"): Lines {
  if (lines.length === 0) return [`${head} {${end}`];
  return [`${head} {`, ...lines.map((line) => `  ${line}`), end];
}

/** Returns the name for the exports of a component in that file: MyApp for `my-app.wasm`. */
export function nameFor(file: string): string {
  const stem = (file.split(/[\\/]/).at(-1) ?? "").replace(/(?:\.component)?\.wasm$/, "");
  const words = stem.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  const name = words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join("");
  return /^[A-Z]\w*$/.test(name) ? name : "Component";
}

export function banner(file: string): string {
  return `// Types of ${quoted(file)}, generated by \`pollux types\`: for \`instantiate\` of the package pollux.\n\n`;
}
