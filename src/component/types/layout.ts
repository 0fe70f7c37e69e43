import type { CoreFuncType } from "../../wasm/types.ts";
import type { Case, CoreType, FuncType, Named, PrimKind, ResourceId, TypeInfo, ValType } from "./types.ts";

/** Value types, each made with its layout (CanonicalABI.md: alignment, element size, flattening). */

export const maxFlatParams = 16;
export const maxFlatAsyncParams = 4;
export const maxFlatResults = 1;

export function alignTo(offset: number, align: number): number {
  return Math.ceil(offset / align) * align;
}

function prim(kind: PrimKind, size: number, flat: readonly CoreType[], align = size): ValType {
  const pointers = kind === "string";
  const width = pointers ? 2 : 1;
  return {
    kind,
    info: {
      size,
      align,
      size64: size * width,
      align64: align * width,
      flat,
      weight: 1,
      depth: 1,
      borrows: false,
      owns: false,
      pointers,
      streams: false,
    },
  };
}

export const prims: Readonly<Record<PrimKind, ValType>> = {
  bool: prim("bool", 1, ["i32"]),
  s8: prim("s8", 1, ["i32"]),
  u8: prim("u8", 1, ["i32"]),
  s16: prim("s16", 2, ["i32"]),
  u16: prim("u16", 2, ["i32"]),
  s32: prim("s32", 4, ["i32"]),
  u32: prim("u32", 4, ["i32"]),
  s64: prim("s64", 8, ["i64"]),
  u64: prim("u64", 8, ["i64"]),
  f32: prim("f32", 4, ["f32"]),
  f64: prim("f64", 8, ["f64"]),
  char: prim("char", 4, ["i32"]),
  string: prim("string", 8, ["i32", "i32"], 4),
  "error-context": prim("error-context", 4, ["i32"]),
};

/** Returns the layout of values one after another: a record, a tuple, parameters that are passed in memory. */
export function sequence(types: readonly ValType[]): TypeInfo {
  let size = 0;
  let align = 1;
  let size64 = 0;
  let align64 = 1;
  let flat: CoreType[] | undefined = [];
  for (const { info } of types) {
    size = alignTo(size, info.align) + info.size;
    align = Math.max(align, info.align);
    size64 = alignTo(size64, info.align64) + info.size64;
    align64 = Math.max(align64, info.align64);
    flat = info.flat && flat ? atMost16([...flat, ...info.flat]) : undefined;
  }
  return { size: alignTo(size, align), align, size64: alignTo(size64, align64), align64, flat, ...sum(types) };
}

function atMost16(flat: CoreType[]): CoreType[] | undefined {
  return flat.length > maxFlatParams ? undefined : flat;
}

function sum(
  types: readonly ValType[],
): Pick<TypeInfo, "weight" | "depth" | "borrows" | "owns" | "pointers" | "streams"> {
  let weight = 1;
  let depth = 0;
  let borrows = false;
  let owns = false;
  let pointers = false;
  let streams = false;
  for (const { info } of types) {
    weight += info.weight;
    depth = Math.max(depth, info.depth);
    borrows ||= info.borrows;
    owns ||= info.owns;
    pointers ||= info.pointers;
    streams ||= info.streams;
  }
  return { weight, depth: depth + 1, borrows, owns, pointers, streams };
}

/** Returns the size of a discriminant of `count` cases, bytes. */
export function discriminantSize(count: number): 1 | 2 | 4 {
  return count <= 1 << 8 ? 1 : count <= 1 << 16 ? 2 : 4;
}

function union(payloads: readonly (ValType | undefined)[]): TypeInfo {
  const discriminant = discriminantSize(payloads.length);
  let size = 0;
  let align = 1;
  let size64 = 0;
  let align64 = 1;
  let flat: CoreType[] | undefined = ["i32"];
  for (const payload of payloads) {
    if (payload === undefined) continue;
    const { info } = payload;
    size = Math.max(size, info.size);
    align = Math.max(align, info.align);
    size64 = Math.max(size64, info.size64);
    align64 = Math.max(align64, info.align64);
    if (flat && info.flat) {
      const joined: CoreType[] = flat;
      info.flat.forEach((type, i) => {
        joined[i + 1] = joined[i + 1] === undefined ? type : join(joined[i + 1]!, type);
      });
      flat = atMost16(joined);
    } else {
      flat = undefined;
    }
  }
  const total = Math.max(discriminant, align);
  const total64 = Math.max(discriminant, align64);
  return {
    size: alignTo(alignTo(discriminant, align) + size, total),
    align: total,
    size64: alignTo(alignTo(discriminant, align64) + size64, total64),
    align64: total64,
    flat,
    ...sum(payloads.filter((payload) => payload !== undefined)),
  };
}

function join(a: CoreType, b: CoreType): CoreType {
  if (a === b) return a;
  return (a === "i32" && b === "f32") || (a === "f32" && b === "i32") ? "i32" : "i64";
}

/** Returns the offset of a variant's payload from its start, bytes. */
export function payloadOffset(payloads: readonly (ValType | undefined)[]): number {
  const align = payloads.reduce((most, payload) => Math.max(most, payload?.info.align ?? 1), 1);
  return alignTo(discriminantSize(payloads.length), align);
}

export function record(fields: readonly Named[]): ValType {
  return { kind: "record", fields, info: sequence(fields.map((field) => field.type)) };
}

export function tuple(types: readonly ValType[]): ValType {
  return { kind: "tuple", types, info: sequence(types) };
}

export function variant(cases: readonly Case[]): ValType {
  return { kind: "variant", cases, info: union(cases.map((c) => c.type)) };
}

export function enumeration(names: readonly string[]): ValType {
  return { kind: "enum", names, info: union(names.map(() => undefined)) };
}

export function flags(names: readonly string[]): ValType {
  const size = names.length <= 8 ? 1 : names.length <= 16 ? 2 : 4;
  return { kind: "flags", names, info: { ...prims.u32.info, size, align: size, size64: size, align64: size } };
}

export function option(type: ValType): ValType {
  return { kind: "option", type, info: union([undefined, type]) };
}

export function result(ok: ValType | undefined, err: ValType | undefined): ValType {
  return { kind: "result", ok, err, info: union([ok, err]) };
}

export function list(element: ValType, length?: number): ValType {
  if (length === undefined) {
    return { kind: "list", element, length, info: { ...prims.string.info, ...sum([element]), pointers: true } };
  }
  const { size, align, size64, align64, flat } = element.info;
  const fits = flat !== undefined && flat.length * length <= maxFlatParams;
  return {
    kind: "list",
    element,
    length,
    info: {
      size: size * length,
      align,
      size64: size64 * length,
      align64,
      flat: fits ? Array.from({ length }, () => flat).flat() : undefined,
      ...sum([element]),
    },
  };
}

export function handle(kind: "own" | "borrow", resource: ResourceId): ValType {
  return { kind, resource, info: { ...prims.u32.info, borrows: kind === "borrow", owns: kind === "own" } };
}

/** Returns the type of the readable end of a stream or future, a handle. The payload's type does not affect the layout. */
export function readable(kind: "stream" | "future", payload: ValType | undefined): ValType {
  const { weight, depth, owns } = sum(payload === undefined ? [] : [payload]);
  return { kind, payload, info: { ...prims.u32.info, weight, depth, owns, streams: true } };
}

/** Returns the payloads of a variant, enum, option or result, in the order of their discriminants; undefined for other types. */
export function payloadsOf(type: ValType): readonly (ValType | undefined)[] | undefined {
  switch (type.kind) {
    case "variant":
      return type.cases.map((c) => c.type);
    case "enum":
      return type.names.map(() => undefined);
    case "option":
      return [undefined, type.type];
    case "result":
      return [type.ok, type.err];
    default:
      return undefined;
  }
}

/** Returns the `tag`s of a type whose values are `{ tag, val }` in JavaScript, in the order of its payloads. */
export function tagsOf(type: ValType): readonly string[] {
  switch (type.kind) {
    case "option":
      return ["none", "some"];
    case "result":
      return ["ok", "err"];
    case "variant":
      return type.cases.map(({ name }) => name);
    default:
      return [];
  }
}

const numbers: ReadonlySet<string> = new Set(["u8", "s8", "u16", "s16", "u32", "s32", "u64", "s64", "f32", "f64"]);

/** Whether it is a numeric type, whose values are stored in memory as they are. */
export function isNumber({ kind }: ValType): boolean {
  return numbers.has(kind);
}

/** The options of a lift or lower that determine its core type. */
export interface AsyncOptions {
  readonly async: boolean;
  /** The index of the core function that gets an async lift's events; undefined if the lift waits by itself. */
  readonly callback: number | undefined;
}

const sync: AsyncOptions = { async: false, callback: undefined };

/** Returns the core values that values flatten to; undefined if they are more than `most`, so that they are passed in memory. */
export function flatOf(types: readonly ValType[], most: number): readonly CoreType[] | undefined {
  const { flat } = sequence(types);
  return flat === undefined || flat.length > most ? undefined : flat;
}

/** Whether values flatten to more than `most` core values, so that they are passed in memory. */
export function spills(types: readonly ValType[], most: number): boolean {
  return flatOf(types, most) === undefined;
}

/** `flatten_functype` of the Canonical ABI. */
export function flatten(
  type: FuncType,
  context: "lift" | "lower",
  { async, callback }: AsyncOptions = sync,
): CoreFuncType {
  const most = async && context === "lower" ? maxFlatAsyncParams : maxFlatParams;
  const types = type.params.map((param) => param.type);
  const params: readonly CoreType[] = flatOf(types, most) ?? ["i32"];
  if (async && context === "lift") return { params, results: callback === undefined ? [] : ["i32"] };
  if (async) return { params: type.result === undefined ? params : [...params, "i32"], results: ["i32"] };
  const flatResult = type.result === undefined ? [] : type.result.info.flat;
  if (flatResult !== undefined && flatResult.length <= maxFlatResults) return { params, results: flatResult };
  return context === "lift" ? { params, results: ["i32"] } : { params: [...params, "i32"], results: [] };
}

/** Whether a value type needs a name to leave a component (Explainer.md, "External Visibility of Types"). */
export function isNominal(type: ValType): boolean {
  return type.kind === "record" || type.kind === "variant" || type.kind === "enum" || type.kind === "flags";
}

/**
 * Returns an object that all names of a nominal type share; undefined for other types. Importing or exporting the type copies the
 * rest.
 */
export function contentOf(type: ValType): object | undefined {
  switch (type.kind) {
    case "record":
      return type.fields;
    case "variant":
      return type.cases;
    case "enum":
    case "flags":
      return type.names;
    default:
      return undefined;
  }
}

/** Returns the types that a value type is made of. */
export function partsOf(type: ValType): readonly ValType[] {
  switch (type.kind) {
    case "record":
      return type.fields.map((field) => field.type);
    case "tuple":
      return type.types;
    case "variant":
      return type.cases.flatMap((item) => item.type ?? []);
    case "option":
      return [type.type];
    case "result":
      return [type.ok ?? [], type.err ?? []].flat();
    case "list":
      return [type.element];
    case "stream":
    case "future":
      return type.payload === undefined ? [] : [type.payload];
    default:
      return [];
  }
}

/** Returns the same type made of other parts, which `part` returns for each. */
export function withParts(type: ValType, part: (type: ValType) => ValType): ValType {
  switch (type.kind) {
    case "record":
      return record(type.fields.map((field) => ({ name: field.name, type: part(field.type) })));
    case "tuple":
      return tuple(type.types.map(part));
    case "variant":
      return variant(type.cases.map((item) => ({ name: item.name, type: item.type && part(item.type) })));
    case "option":
      return option(part(type.type));
    case "result":
      return result(type.ok && part(type.ok), type.err && part(type.err));
    case "list":
      return list(part(type.element), type.length);
    case "stream":
    case "future":
      return readable(type.kind, type.payload && part(type.payload));
    default:
      return type;
  }
}
