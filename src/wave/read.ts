/** Reads values from WAVE, in the form in which the linker takes them (component/host.ts). */
import { isNullable } from "../component/abi/lift-code.ts";
import { camelCase } from "../component/types/names.ts";
import type { Named, ValType } from "../component/types/types.ts";
import { WaveError } from "./lex.ts";
import type { Call, Node } from "./parse.ts";
import { readChar, readString } from "./text.ts";

/** Returns the arguments of a call; options at the end may be omitted. @throws WaveError */
export function readArguments({ source, name, params }: Call, wanted: readonly Named[]): unknown[] {
  if (params === undefined) {
    if (wanted.length === 0) return [];
    throw new WaveError(`invalid params: no params provided, but ${wanted.length} required`, source, 0, name.length);
  }
  const reader = new ValueReader(source);
  const values = params.children.map((node, i) => {
    const type = wanted[i]?.type;
    if (type === undefined)
      throw new WaveError("invalid params: more param(s) than expected", source, node.start, node.end);
    return reader.read(type, node);
  });
  const missing = wanted.slice(values.length);
  if (missing.some(({ type }) => type.kind !== "option"))
    throw new WaveError("invalid params: missing required param(s)", source, params.end - 1, params.end);
  return [...values, ...missing.map(({ type }) => none(type))];
}

/** Returns a value. @throws WaveError */
export function readValue(type: ValType, source: string, node: Node): unknown {
  return new ValueReader(source).read(type, node);
}

const integers: Readonly<Partial<Record<ValType["kind"], readonly [bigint, bigint]>>> = {
  u8: [0n, 0xffn],
  s8: [-0x80n, 0x7fn],
  u16: [0n, 0xffffn],
  s16: [-0x8000n, 0x7fffn],
  u32: [0n, 0xffff_ffffn],
  s32: [-0x8000_0000n, 0x7fff_ffffn],
  u64: [0n, 2n ** 64n - 1n],
  s64: [-(2n ** 63n), 2n ** 63n - 1n],
};

function none(type: ValType): unknown {
  return type.kind === "option" && isNullable(type.type) ? { tag: "none" } : undefined;
}

class ValueReader {
  readonly #source: string;

  constructor(source: string) {
    this.#source = source;
  }

  read(type: ValType, node: Node): unknown {
    switch (type.kind) {
      case "bool":
        if (node.kind !== "true" && node.kind !== "false") return this.#wrongType(node);
        return node.kind === "true";
      case "f32":
      case "f64":
        return this.#float(type.kind === "f32", node);
      case "char":
        return readChar(this.#source, this.#of(node, "char"));
      case "string":
        if (node.kind !== "string" && node.kind !== "lines") return this.#wrongType(node);
        return readString(this.#source, node);
      case "list":
        if (type.length !== undefined) return this.#unsupported("list<_, N>", node);
        return this.#of(node, "list").children.map((child) => this.read(type.element, child));
      case "tuple":
        return this.#tuple(type.types, node);
      case "record":
        return this.#record(type.fields, node);
      case "flags":
        return this.#flags(type.names, node);
      case "enum":
        return this.#enumCase(type.names, node);
      case "variant": {
        const [label, payload] = this.#labelled(node);
        const found = type.cases.find(({ name }) => name === label);
        if (found === undefined) return this.#convert(`unknown case "${label}"`, node);
        return { tag: found.name, val: this.#payload(label, found.type, payload, node) };
      }
      case "option":
        return this.#option(type.type, node);
      case "result":
        return this.#result(type.ok, type.err, node);
      case "own":
      case "borrow":
      case "stream":
      case "future":
      case "error-context":
        return this.#unsupported("<<UNSUPPORTED>>", node);
      default:
        return this.#integer(type.kind, node);
    }
  }

  #integer(kind: ValType["kind"], node: Node): number | bigint {
    const text = this.#text(this.#of(node, "number"));
    const [least, most] = integers[kind]!;
    if (!/^-?\d+$/.test(text) || (least === 0n && text.startsWith("-"))) return this.#fail("invalid value", node);
    const value = BigInt(text);
    if (value < least || value > most) return this.#fail("invalid value", node);
    return kind === "u64" || kind === "s64" ? value : Number(value);
  }

  #float(single: boolean, node: Node): number {
    const text = this.#text(this.#of(node, "number"));
    const value = text.endsWith("inf") ? Number(text.replace("inf", "Infinity")) : Number(text.replace("nan", "NaN"));
    return single ? Math.fround(value) : value;
  }

  #tuple(types: readonly ValType[], node: Node): unknown[] {
    const { children } = this.#of(node, "tuple");
    if (children.length !== types.length)
      return this.#convert(`expected ${types.length} tuple elements; got ${children.length}`, node);
    return children.map((child, i) => this.read(types[i]!, child));
  }

  /**
   * Reads a record. Fields may have any order; an option may be omitted, and a field that the type does not have is
   * ignored, as in wasmtime.
   */
  #record(fields: readonly Named[], node: Node): object {
    const { children } = this.#of(node, "record");
    const given = new Map<string, Node>();
    for (let i = 0; i < children.length; i += 2) given.set(this.#label(children[i]!), children[i + 1]!);
    return Object.fromEntries(
      fields.map(({ name, type }) => {
        const value = given.get(name);
        if (value === undefined && type.kind !== "option") return this.#convert(`missing field "${name}"`, node);
        return [camelCase(name), value === undefined ? none(type) : this.read(type, value)];
      }),
    );
  }

  #flags(names: readonly string[], node: Node): object {
    const given = this.#of(node, "flags").children.map((child) => this.#label(child));
    const unknown = given.find((name) => !names.includes(name));
    if (unknown !== undefined)
      return this.#convert(`expected a flags { ${names.join(", ")} }; got {${given.join(", ")}}`, node);
    return Object.fromEntries(names.map((name) => [camelCase(name), given.includes(name)]));
  }

  #enumCase(names: readonly string[], node: Node): string {
    const label = this.#label(this.#of(node, "label"));
    if (names.includes(label)) return label;
    return this.#convert(`expected a enum { ${names.join(", ")} }; got ${label}`, node);
  }

  /** Reads an option. `some` may be omitted if the payload is neither an option nor a result. */
  #option(type: ValType, node: Node): unknown {
    if (node.kind === "none") return isNullable(type) ? { tag: "none" } : undefined;
    const value = node.kind === "some" ? this.read(type, node.children[0]!) : this.#flat(type, node);
    return isNullable(type) ? { tag: "some", val: value } : value;
  }

  #result(ok: ValType | undefined, err: ValType | undefined, node: Node): unknown {
    if (node.kind !== "ok" && node.kind !== "err") return { tag: "ok", val: this.#flat(ok, node) };
    const type = node.kind === "ok" ? ok : err;
    return { tag: node.kind, val: this.#payload(node.kind, type, node.children[0], node) };
  }

  #flat(type: ValType | undefined, node: Node): unknown {
    if (type === undefined || type.kind === "option" || type.kind === "result") return this.#wrongType(node);
    return this.read(type, node);
  }

  #payload(label: string, type: ValType | undefined, payload: Node | undefined, node: Node): unknown {
    if (type === undefined && payload !== undefined)
      return this.#convert(`unexpected payload for "${label}" case`, node);
    if (type !== undefined && payload === undefined) return this.#convert(`missing payload for "${label}" case`, node);
    return type === undefined || payload === undefined ? undefined : this.read(type, payload);
  }

  #labelled(node: Node): [string, Node | undefined] {
    if (node.kind === "label") return [this.#label(node), undefined];
    const [label, payload] = this.#of(node, "case").children;
    return [this.#label(label!), payload];
  }

  #label(node: Node): string {
    return this.#text(node).replace(/^%/, "");
  }

  #text({ start, end }: Node): string {
    return this.#source.slice(start, end);
  }

  #of(node: Node, kind: Node["kind"]): Node {
    return node.kind === kind ? node : this.#wrongType(node);
  }

  #wrongType(node: Node): never {
    return this.#fail("invalid value type", node);
  }

  #unsupported(type: string, node: Node): never {
    return this.#convert(`unsupported type ${type}`, node);
  }

  #convert(problem: string, node: Node): never {
    const { start, end } = node;
    throw new WaveError(`error converting Wasm value: ${problem}`, this.#source, start, end, problem);
  }

  #fail(problem: string, { start, end }: Node): never {
    throw new WaveError(problem, this.#source, start, end);
  }
}
