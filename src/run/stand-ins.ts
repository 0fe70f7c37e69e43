/** Stand-ins for missing imports of a core module (wasmtime's -W unknown-imports-trap and -default). */

import { Trap } from "../core/wait/errors.ts";
import { isProvided, type Provided, unknownImport } from "../wasi/p1/import-check.ts";
import type { CoreExternType, CoreLimits, ModuleImport } from "../wasm/types.ts";

/**
 * "trap": functions that trap; nothing else has a stand-in. "zero": functions that return zero, and empty or zero
 * values.
 */
export type StandIns = "trap" | "zero";

/** Returns the stand-ins for missing imports that can have one. */
export function standIns(imports: readonly ModuleImport[], provided: Provided, how: StandIns): Provided {
  // A module may be named `__proto__`.
  const all: Record<string, Record<string, WebAssembly.ImportValue>> = Object.create(null);
  for (const wanted of imports) {
    if (isProvided(wanted, provided)) continue;
    const value = how === "zero" ? zero(wanted.type) : ending(wanted);
    if (value !== undefined) all[wanted.module] = { ...all[wanted.module], [wanted.name]: value };
  }
  return all;
}

/** Returns the imports of both; a name is in one of them only. */
export function merge(a: Provided, b: Provided): Provided {
  const modules = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries([...modules].map((module) => [module, { ...a[module], ...b[module] }]));
}

function ending(wanted: ModuleImport): (() => never) | undefined {
  if (wanted.type.kind !== "func") return undefined;
  return () => {
    throw new Trap(unknownImport(wanted));
  };
}

/** Types as core-types.ts writes them, each with its name for the engine's constructors, and its zero. */
const types = {
  i32: ["i32", 0],
  i64: ["i64", 0n],
  f32: ["f32", 0],
  f64: ["f64", 0],
  "(ref null func)": ["anyfunc", null],
  "(ref null extern)": ["externref", null],
} as const;

function known(type: string): (typeof types)[keyof typeof types] | undefined {
  return Object.hasOwn(types, type) ? types[type as keyof typeof types] : undefined;
}

function zero(type: CoreExternType): WebAssembly.ImportValue | undefined {
  switch (type.kind) {
    case "func": {
      const values = type.type.results.map((result) => known(result)?.[1] ?? null);
      return values.length > 1 ? () => values : () => values[0];
    }
    case "memory":
      return new WebAssembly.Memory({ ...sizes(type.limits), shared: type.limits.shared });
    case "table": {
      const element = known(type.element)?.[0];
      if (element !== "anyfunc" && element !== "externref") return undefined;
      return new WebAssembly.Table({ ...sizes(type.limits), element });
    }
    case "global": {
      const value = known(type.type);
      return value && new WebAssembly.Global({ value: value[0], mutable: type.mutable }, value[1]);
    }
    case "tag":
      return undefined;
  }
}

function sizes({ min, max }: CoreLimits): { initial: number; maximum?: number } {
  return max === undefined ? { initial: min } : { initial: min, maximum: max };
}
