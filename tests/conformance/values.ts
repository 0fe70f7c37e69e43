import assert from "node:assert/strict";
import { camelCase } from "../../src/component/types/names.ts";

/** A value of a script, as `wasm-tools json-from-wast` writes it. */
export type Value =
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "list" | "tuple"; readonly value: readonly Value[] }
  | { readonly type: "record"; readonly value: readonly (readonly [string, Value])[] }
  | { readonly type: "variant"; readonly value: { readonly case: string; readonly payload?: Value | null } }
  | { readonly type: "flags"; readonly value: readonly string[] }
  | { readonly type: "option"; readonly value: Value | null }
  | { readonly type: "result"; readonly value: { readonly Ok?: Value | null; readonly Err?: Value | null } }
  | { readonly type: "enum" | "string" | "char" | NumberType; readonly value: string };

type NumberType = "u8" | "s8" | "u16" | "s16" | "u32" | "s32" | "u64" | "s64" | "f32" | "f64";

function float(bits: string, size: 4 | 8): number {
  if (bits.startsWith("nan")) return Number.NaN;
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt(bits), true);
  return size === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true);
}

/** The value in JS, as the host conventions have it. */
export function toJs(given: Value): unknown {
  switch (given.type) {
    case "bool":
    case "enum":
    case "string":
    case "char":
      return given.value;
    case "u64":
    case "s64":
      return BigInt(given.value);
    case "f32":
      return float(given.value, 4);
    case "f64":
      return float(given.value, 8);
    case "list":
    case "tuple":
      return given.value.map(toJs);
    case "record":
      return Object.fromEntries(given.value.map(([name, value]) => [camelCase(name), toJs(value)]));
    case "variant":
      return { tag: given.value.case, val: given.value.payload ? toJs(given.value.payload) : undefined };
    case "flags":
      return Object.fromEntries(given.value.map((name) => [camelCase(name), true]));
    case "option":
      return given.value === null ? undefined : toJs(given.value);
    case "result":
      return "Ok" in given.value
        ? { tag: "ok", val: given.value.Ok ? toJs(given.value.Ok) : undefined }
        : { tag: "err", val: given.value.Err ? toJs(given.value.Err) : undefined };
    default:
      return Number(given.value);
  }
}

/** Compares what a function gave with a script's value. */
export function compare(actual: unknown, expected: Value): void {
  switch (expected.type) {
    case "list":
    case "tuple": {
      const items = ArrayBuffer.isView(actual) ? Array.from(actual as Uint8Array) : actual;
      assert.ok(Array.isArray(items));
      assert.equal(items.length, expected.value.length);
      expected.value.forEach((item, i) => {
        compare(items[i], item);
      });
      return;
    }
    case "flags": {
      const set = Object.entries(actual as Record<string, boolean>).filter(([, on]) => on);
      assert.deepEqual(Object.fromEntries(set), toJs(expected));
      return;
    }
    default:
      assert.deepEqual(actual, toJs(expected));
  }
}
