import { Trap } from "../../core/wait/errors.ts";
import type { StringEncoding } from "../binary/component.ts";
import type { Resource } from "../instance/handles.ts";
import type { GuestMemory } from "../instance/memory.ts";
import type { InstanceState } from "../instance/state.ts";
import type { ResourceId, ValType } from "../types/types.ts";

/**
 * Who is on the JS side of a lift or lower. To the host, values follow jco's conventions; between components a resource is
 * its bare representation.
 */
export type Convention = "host" | "component";

export interface CodeContext {
  readonly state: InstanceState;
  readonly memory: GuestMemory | undefined;
  readonly encoding: StringEncoding;
  readonly convention: Convention;
  /** Whether borrows that are lifted must be counted (trampolines.ts says when). */
  readonly countLends: boolean;
  /** Set for a host function that takes and answers bytes and counts without objects (host.ts, `lean`). */
  readonly lean: DataView | undefined;
  resource(id: ResourceId): Resource;
}

/**
 * Writes the source of one function with what it refers to. Source names: `V` is the DataView of the memory, `M` the memory,
 * `S` the instance, `k0`, `k1`, ... constants.
 */
export class Emitter {
  readonly context: CodeContext;
  readonly #lines: string[][] = [[]];
  readonly #helpers: string[] = [];
  readonly #constants: unknown[] = [];
  readonly #constantNames = new Map<unknown, string>();
  readonly #helperNames = new Map<string, Map<ValType, string>>();
  /** What belongs to the call and its helpers need too. */
  readonly #scope: readonly string[];
  #temporaries = 0;

  constructor(context: CodeContext, scope: readonly string[]) {
    this.context = context;
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

  constant(value: unknown): string {
    let name = this.#constantNames.get(value);
    if (name === undefined) {
      name = `k${this.#constants.length}`;
      this.#constants.push(value);
      this.#constantNames.set(value, name);
    }
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

  resource(id: ResourceId): string {
    return this.constant(this.context.resource(id));
  }

  /** The finished function: `async function` for one that awaits. */
  finish(params: readonly string[], keyword = "function"): (...args: never[]) => unknown {
    const names = this.#constants.map((_, i) => `k${i}`).join(", ");
    const source = [
      '"use strict";',
      `const [${names}] = constants;`,
      ...this.#helpers,
      `return ${keyword} (${params.join(", ")}) {`,
      ...this.#lines[0]!,
      "};",
    ].join("\n");
    // a guest's names get into the source as JSON strings only
    return new Function("S", "M", "constants", source)(this.context.state, this.context.memory, this.#constants);
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
