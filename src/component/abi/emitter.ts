import { Trap } from "../../core/wait/errors.ts";
import type { StringEncoding } from "../binary/canon.ts";
import type { ResourceId, ValType } from "../types/types.ts";
import { type Slot, Template } from "./template.ts";

/**
 * Who is on the JS side of a lift or lower. To the host, values follow jco's conventions; between components a resource is
 * its bare representation.
 */
export type Convention = "host" | "component";

/** Whose a resource is, as seen from an instance: a host's, its own, or another component's. */
export type Owner = "host" | "own" | "other";

/** What the code of a lift or lower depends on beside its type: instances that agree in this share it. */
export interface CodeShape {
  readonly hasMemory: boolean;
  readonly encoding: StringEncoding;
  readonly convention: Convention;
  /** Whether borrows that are lifted must be counted (trampolines.ts says when). */
  readonly countLends: boolean;
  /** Whether it is for a host function that takes and returns bytes and counts without objects (host.ts, `resultBuffer`). */
  readonly unboxed: boolean;
  ownerOf(id: ResourceId): Owner;
}

/**
 * Writes the source of one function with what it refers to. Source names: `V` is the DataView of the memory, `M` the memory,
 * `S` the instance, `k0`, `k1`, ... constants, `b0`, `b1`, ... what each instance gives (template.ts).
 */
export class Emitter {
  readonly shape: CodeShape;
  readonly #lines: string[][] = [[]];
  readonly #helpers: string[] = [];
  readonly #constants: unknown[] = [];
  readonly #constantNames = new Map<unknown, string>();
  readonly #slots: Slot[] = [];
  readonly #slotNames = new Map<Slot, string>();
  readonly #classes = new Set<string>();
  readonly #helperNames = new Map<string, Map<ValType, string>>();
  /** What belongs to the call and its helpers need too. */
  readonly #scope: readonly string[];
  #temporaries = 0;

  constructor(shape: CodeShape, scope: readonly string[]) {
    this.shape = shape;
    this.#scope = scope;
  }

  line(text: string): void {
    this.#lines.at(-1)!.push(text);
  }

  /** The lines that `write` writes, for later. */
  capture(write: () => void): readonly string[] {
    this.#lines.push([]);
    write();
    return this.#lines.pop()!;
  }

  /** A function beside the one that is written. */
  beside(source: string): void {
    this.#helpers.push(source);
  }

  name(): string {
    return `t${this.#temporaries++}`;
  }

  /** The value of `expression`, computed here. */
  temporary(expression: string): string {
    const name = this.name();
    this.line(`const ${name} = ${expression};`);
    return name;
  }

  /** What is the same for all instances. */
  constant(value: unknown): string {
    let name = this.#constantNames.get(value);
    if (name === undefined) {
      name = `k${this.#constants.length}`;
      this.#constants.push(value);
      this.#constantNames.set(value, name);
    }
    return name;
  }

  /** What each instance gives. */
  bound(slot: Slot): string {
    let name = this.#slotNames.get(slot);
    if (name === undefined) {
      name = `b${this.#slots.length}`;
      this.#slots.push(slot);
      this.#slotNames.set(slot, name);
    }
    return name;
  }

  /** The host's class of a resource type that an instance gives. */
  hostClass(id: ResourceId): string {
    const resource = this.bound(id.root);
    const name = `${resource}Class`;
    this.#classes.add(`const ${name} = ${resource}.hostClass;`);
    return name;
  }

  /** A call of a function of its own for a type, written once: it keeps the code's size linear in the type's. */
  helper(purpose: string, type: ValType, params: readonly string[], args: readonly string[], body: () => void): string {
    let names = this.#helperNames.get(purpose);
    if (names === undefined) {
      names = new Map();
      this.#helperNames.set(purpose, names);
    }
    let name = names.get(type);
    if (name === undefined) {
      name = `${purpose}${names.size}`;
      names.set(type, name);
      const lines = this.capture(body);
      this.#helpers.push(`function ${name}(${[...params, ...this.#scope].join(", ")}) {\n${lines.join("\n")}\n}`);
    }
    return `${name}(${[...args, ...this.#scope].join(", ")})`;
  }

  /** The finished function, to be bound by each instance: `async function` for one that awaits. */
  finish(params: readonly string[], keyword = "function"): Template {
    // By index: to take an array apart costs an iterator.
    const named = (list: readonly unknown[], letter: string, from: string) =>
      list.map((_, i) => `const ${letter}${i} = ${from}[${i}];`).join(" ");
    const source = [
      '"use strict";',
      named(this.#constants, "k", "constants"),
      "return function bind(S, M, bound) {",
      ...(this.shape.convention === "component" && this.shape.hasMemory ? ["M = M.between;"] : []),
      named(this.#slots, "b", "bound"),
      ...this.#classes,
      ...this.#helpers,
      `return ${keyword} (${params.join(", ")}) {`,
      ...this.#lines[0]!,
      "};",
      "};",
    ].join("\n");
    // a guest's names get into the source as JSON strings only
    return new Template(new Function("constants", source)(this.#constants), this.#slots);
  }
}

/** A JS property name in source. */
export function property(name: string): string {
  return JSON.stringify(name);
}

export const bits = (() => {
  const f32 = new Float32Array(1);
  const i32 = new Int32Array(f32.buffer);
  const f64 = new Float64Array(1);
  const i64 = new BigInt64Array(f64.buffer);
  return {
    f32FromI32(value: number): number {
      i32[0] = value;
      return f32[0]!;
    },
    i32FromF32(value: number): number {
      f32[0] = value;
      return i32[0]!;
    },
    f64FromI64(value: bigint): number {
      i64[0] = value;
      return f64[0]!;
    },
    i64FromF64(value: number): bigint {
      f64[0] = value;
      return i64[0]!;
    },
  };
})();

export function badDiscriminant(kind: ValType["kind"], value: number): never {
  switch (kind) {
    case "result":
      throw new Trap("invalid expected discriminant");
    case "option":
      throw new Trap("invalid option discriminant");
    default:
      throw new Trap(`unexpected discriminant: ${value >>> 0}`);
  }
}
