import { isNullable } from "../../component/abi/lift-code.ts";
import { ErrorContext } from "../../component/error-context.ts";
import { payloadsOf, tagsOf } from "../../component/types/layout.ts";
import { camelCase } from "../../component/types/names.ts";
import type { ValType } from "../../component/types/types.ts";

/** What is wrong with a value of a program's, as what follows its place in a sentence; undefined: nothing. */
export type Check = (value: unknown) => string | undefined;

const integers: Readonly<Record<string, readonly [least: number, most: number]>> = {
  u8: [0, 0xff],
  s8: [-0x80, 0x7f],
  u16: [0, 0xffff],
  s16: [-0x8000, 0x7fff],
  u32: [0, 0xffff_ffff],
  s32: [-0x8000_0000, 0x7fff_ffff],
};

/** Checks values of a type before they are lowered: what lowering alone would coerce, or find out when a part is written. */
export function checkOf(type: ValType): Check {
  switch (type.kind) {
    case "bool":
      return (value) => expected(typeof value === "boolean", "a boolean", value);
    case "u8":
    case "s8":
    case "u16":
    case "s16":
    case "u32":
    case "s32": {
      const [least, most] = integers[type.kind]!;
      const fits = (value: unknown) => Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
      return (value) => expected(fits(value), `an integer from ${least} to ${most}`, value);
    }
    case "u64":
    case "s64": {
      const cut = (value: bigint) => (type.kind === "u64" ? BigInt.asUintN(64, value) : BigInt.asIntN(64, value));
      const fits = (value: unknown) => typeof value === "bigint" && cut(value) === value;
      return (value) => expected(fits(value), `a bigint within ${type.kind}`, value);
    }
    case "f32":
    case "f64":
      return (value) => expected(typeof value === "number", "a number", value);
    case "char":
      return (value) => expected(isChar(value), "a string of one Unicode scalar value", value);
    case "string":
      return (value) => expected(typeof value === "string", "a string", value);
    case "own":
    case "borrow":
      return (value) => expected(isObject(value), "a resource", value);
    case "stream":
    case "future":
      return (value) => expected(isObject(value), type.kind === "stream" ? "a stream" : "a promise", value);
    case "error-context":
      return (value) => expected(value instanceof ErrorContext, "an ErrorContext", value);
    case "flags":
      return (value) => expected(isObject(value), "an object of flags", value);
    case "enum": {
      const names = new Set<unknown>(type.names);
      return (value) => expected(names.has(value), `one of ${shown(type.names)}`, value);
    }
    case "list":
      return listCheck(checkOf(type.element), type.length);
    case "record": {
      const fields = type.fields.map((field) => [camelCase(field.name), checkOf(field.type)] as const);
      return (value) => expected(isObject(value), "an object", value) ?? partsWrong(fields, value, "");
    }
    case "tuple": {
      const items = type.types.map((item, i) => [i, checkOf(item)] as const);
      const isTuple = (value: unknown) => Array.isArray(value) && value.length === items.length;
      return (value) =>
        expected(isTuple(value), `an array of ${items.length}`, value) ?? partsWrong(items, value, "item ");
    }
    case "option":
      if (!isNullable(type.type)) {
        const check = checkOf(type.type);
        return (value) => (value === undefined || value === null ? undefined : check(value));
      }
  }
  return casesCheck(tagsOf(type), payloadsOf(type) ?? []);
}

function casesCheck(tags: readonly string[], payloads: readonly (ValType | undefined)[]): Check {
  const checks = new Map<unknown, Check | undefined>(
    tags.map((tag, i) => [tag, payloads[i] && checkOf(payloads[i])] as const),
  );
  return (value) => {
    if (!isObject(value) || !("tag" in value) || !checks.has(value.tag))
      return expected(false, `an object whose \`tag\` is one of ${shown(tags)}`, value);
    const wrong = checks.get(value.tag)?.("val" in value ? value.val : undefined);
    return wrong && `\`val\` of ${String(value.tag)}: ${wrong}`;
  };
}

function listCheck(check: Check, length: number | undefined): Check {
  const what = length === undefined ? "an array" : `an array of ${length}`;
  return (value) => {
    const items = isArrayLike(value) ? value : undefined;
    if (items === undefined || (length !== undefined && items.length !== length)) return expected(false, what, value);
    for (let i = 0; i < items.length; i++) {
      const wrong = check(items[i]);
      if (wrong !== undefined) return `item ${i}: ${wrong}`;
    }
    return undefined;
  };
}

function partsWrong(parts: readonly (readonly [string | number, Check])[], value: unknown, word: string) {
  for (const [name, check] of parts) {
    const wrong = check((value as Record<string | number, unknown>)[name]);
    if (wrong !== undefined) return `${word}${typeof name === "string" ? `\`${name}\`` : name}: ${wrong}`;
  }
  return undefined;
}

function expected(holds: boolean, what: string, value: unknown): string | undefined {
  return holds ? undefined : `${what} was expected, not ${describe(value)}`;
}

export function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

/** An array, or a typed one. */
export function isArrayLike(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && "length" in value);
}

function isChar(value: unknown): boolean {
  return typeof value === "string" && [...value].length === 1 && value.isWellFormed();
}

/** So many cases, at most, are named. */
const MOST_NAMED = 20;

function shown(names: readonly string[]): string {
  return `${names.slice(0, MOST_NAMED).join(", ")}${names.length > MOST_NAMED ? " ..." : ""}`;
}

const MOST_SHOWN = 40;

/** A value in a few words. */
export function describe(value: unknown): string {
  if (typeof value === "string") {
    return value.length > MOST_SHOWN ? `${JSON.stringify(value.slice(0, MOST_SHOWN))}...` : JSON.stringify(value);
  }
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null) return String(value);
  return Array.isArray(value) ? "an array" : `an object (${value.constructor?.name ?? "without a prototype"})`;
}
