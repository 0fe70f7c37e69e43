import type { CoreExternType, CoreFuncType, CoreLimits, CoreValType } from "./types.ts";

/** Returns why a core item does not fit an import or an expected export; undefined if it fits. */
export function coreMismatch(actual: CoreExternType, expected: CoreExternType): string | undefined {
  if (actual.kind !== expected.kind) return `expected ${expected.kind}, found ${actual.kind}`;
  switch (expected.kind) {
    case "func":
    case "tag": {
      const given = (actual as typeof expected).type;
      return same(given, expected.type) ? undefined : `expected: ${funcText(expected.type)}, found: ${funcText(given)}`;
    }
    case "global": {
      const given = actual as typeof expected;
      if (given.mutable !== expected.mutable) return "global types differ in mutability";
      const fits = expected.mutable ? given.type === expected.type : refFits(given.type, expected.type);
      return fits ? undefined : `expected global type ${expected.type}, found ${given.type}`;
    }
    case "table": {
      const given = actual as typeof expected;
      if (given.element !== expected.element) {
        return `expected table element type ${refName(expected.element)}, found ${refName(given.element)}`;
      }
      return limits(given.limits, expected.limits, "table");
    }
    case "memory": {
      const given = actual as typeof expected;
      if (given.limits.shared !== expected.limits.shared) return "mismatch in the shared flag for memories";
      if (given.pageSize !== expected.pageSize) return "mismatch in page size for memories";
      return limits(given.limits, expected.limits, "memory");
    }
  }
}

function limits(actual: CoreLimits, expected: CoreLimits, what: string): string | undefined {
  if (actual.is64 !== expected.is64) return `mismatch in index type used for ${what}`;
  const fits =
    actual.min >= expected.min &&
    (expected.max === undefined || (actual.max !== undefined && actual.max <= expected.max));
  return fits ? undefined : `mismatch in ${what} limits`;
}

function same(a: CoreFuncType, b: CoreFuncType): boolean {
  return a.params.join() === b.params.join() && a.results.join() === b.results.join();
}

/** Whether one reference type may be a subtype of the other. Between types that modules define, the engine checks the rest. */
function refFits(actual: CoreValType, expected: CoreValType): boolean {
  return actual === expected || (actual.startsWith("(ref") && expected.startsWith("(ref"));
}

/** Returns a function type in the text format. */
export function funcText({ params, results }: CoreFuncType): string {
  const list = (word: string, types: readonly string[]): string =>
    types.length ? ` (${word} ${types.join(" ")})` : "";
  return `(func${list("param", params)}${list("result", results)})`;
}

function refName(type: CoreValType): string {
  return type.replace(/^\(ref null (func|extern)\)$/, "$1ref");
}
