import { Trap } from "../../core/wait/errors.ts";
import type { StringEncoding } from "../binary/canon.ts";
import type { ResourceId, ValType } from "../types/types.ts";
import { type Slot, Template } from "./template.ts";

/**
 * The JS side of a lift or lower. For a host, values follow jco's conventions. Between components a resource is its bare
 * representation.
 */
export type Convention = "host" | "component";

/** The owner of a resource, as seen from an instance: a host, the instance itself, or another component. */
export type Owner = "host" | "own" | "other";

/** The inputs of a lift's or lower's code beside its type. Instances that agree in them share the code. */
export interface CodeShape {
  readonly hasMemory: boolean;
  readonly encoding: StringEncoding;
  readonly convention: Convention;
  /** Whether lifted borrows must be counted (trampolines.ts says when). */
  readonly countLends: boolean;
  /** Whether it is for a host function that takes and returns bytes and numbers without objects (host.ts, `resultBuffer`). */
  readonly unboxed: boolean;
  ownerOf(id: ResourceId): Owner;
}

/**
 * Writes the source of one function, and collects the values that it refers to. Names in the source: `V` is the DataView of the
 * memory, `M` the memory, `S` the instance, `k0`, `k1`, ... are constants, `b0`, `b1`, ... are given by each instance
 * (template.ts).
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
  /** Variables of the call that its helpers need too. */
  readonly #scope: readonly string[];
  #temporaries = 0;

  constructor(shape: CodeShape, scope: readonly string[]) {
    this.shape = shape;
    this.#scope = scope;
  }

  line(text: string): void {
    this.#lines.at(-1)!.push(text);
  }

  /** Returns the lines that `write` writes, for later use. */
  capture(write: () => void): readonly string[] {
    this.#lines.push([]);
    write();
    return this.#lines.pop()!;
  }

  /** Adds another function beside the one that is written. */
  addHelper(source: string): void {
    this.#helpers.push(source);
  }

  name(): string {
    return `t${this.#temporaries++}`;
  }

  /** Stores the value of `expression` in a new constant. Returns its name. */
  temporary(expression: string): string {
    const name = this.name();
    this.line(`const ${name} = ${expression};`);
    return name;
  }

  /** Returns the name of a value that is the same for all instances. */
  constant(value: unknown): string {
    let name = this.#constantNames.get(value);
    if (name === undefined) {
      name = `k${this.#constants.length}`;
      this.#constants.push(value);
      this.#constantNames.set(value, name);
    }
    return name;
  }

  /** Returns the name of a value that each instance gives. */
  bound(slot: Slot): string {
    let name = this.#slotNames.get(slot);
    if (name === undefined) {
      name = `b${this.#slots.length}`;
      this.#slots.push(slot);
      this.#slotNames.set(slot, name);
    }
    return name;
  }

  /** Returns the name of the host's class for a resource type. */
  hostClass(id: ResourceId): string {
    const resource = this.bound(id.root);
    const name = `${resource}Class`;
    this.#classes.add(`const ${name} = ${resource}.hostClass;`);
    return name;
  }

  /**
   * Returns a call of a function for a type, which is written once. So the size of the code stays linear in the size of the type.
   */
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

  /**
   * Returns the finished function, to be bound by each instance.
   *
   * @param keyword `async function` for one that awaits
   */
  finish(params: readonly string[], keyword = "function"): Template {
    // By index: destructuring an array costs an iterator.
    const named = (list: readonly unknown[], letter: string, from: string) =>
      list.map((_, i) => `const ${letter}${i} = ${from}[${i}];`).join(" ");
    const source = [
      '"use strict";',
      named(this.#constants, "k", "constants"),
      "return function bind(S, M, bound) {",
      ...(this.shape.convention === "component" && this.shape.hasMemory ? ["M = M.forComponents;"] : []),
      named(this.#slots, "b", "bound"),
      ...this.#classes,
      ...this.#helpers,
      `return ${keyword} (${params.join(", ")}) {`,
      ...this.#lines[0]!,
      "};",
      "};",
    ].join("\n");
    // Names that come from a guest get into the source only as JSON strings.
    return new Template(new Function("constants", source)(this.#constants), this.#slots);
  }
}

/** Returns a JS property name as source. */
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
