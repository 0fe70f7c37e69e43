/**
 * The types of the component model. They are made once, while the component is read, and know their layout (Canonical ABI:
 * alignment, element size, flattening) from then on.
 */

export type CoreType = "i32" | "i64" | "f32" | "f64";

export const maxFlatParams = 16;
export const maxFlatResults = 1;

export interface TypeInfo {
  /** bytes */
  readonly size: number;
  readonly align: number;
  /** The size, and alignment, that it would have with 64-bit pointers: what the limit on sizes looks at. */
  readonly size64: number;
  readonly align64: number;
  /** The core values it flattens to; undefined if they are more than 16. */
  readonly flat: readonly CoreType[] | undefined;
  /** The number of types in it, itself included, counting shared ones each time: what a walk over it costs. */
  readonly weight: number;
  readonly depth: number;
  readonly borrows: boolean;
  readonly owns: boolean;
  /** Holds a string or a list, whose content lies elsewhere in memory. */
  readonly pointers: boolean;
}

export type PrimKind =
  | "bool"
  | "s8"
  | "u8"
  | "s16"
  | "u16"
  | "s32"
  | "u32"
  | "s64"
  | "u64"
  | "f32"
  | "f64"
  | "char"
  | "string";

/**
 * A resource type as the types see it: equal to those of the same root only. Which resource it stands for is known when the
 * component is instantiated (instantiate.ts binds it). Importing or exporting it gives it another name, the same type.
 */
export class ResourceId {
  readonly name: string;
  readonly root: ResourceId;

  constructor(name: string, original?: ResourceId) {
    this.name = name;
    this.root = original?.root ?? this;
  }
}

export interface Named {
  readonly name: string;
  readonly type: ValType;
}

export interface Case {
  readonly name: string;
  readonly type: ValType | undefined;
}

export type ValType = { readonly info: TypeInfo } & (
  | { readonly kind: PrimKind }
  | { readonly kind: "record"; readonly fields: readonly Named[] }
  | { readonly kind: "tuple"; readonly types: readonly ValType[] }
  | { readonly kind: "variant"; readonly cases: readonly Case[] }
  | { readonly kind: "enum"; readonly names: readonly string[] }
  | { readonly kind: "flags"; readonly names: readonly string[] }
  | { readonly kind: "option"; readonly type: ValType }
  | { readonly kind: "result"; readonly ok: ValType | undefined; readonly err: ValType | undefined }
  /** `length`: a list of fixed length */
  | { readonly kind: "list"; readonly element: ValType; readonly length: number | undefined }
  | { readonly kind: "own" | "borrow"; readonly resource: ResourceId }
);

export interface FuncType {
  readonly params: readonly Named[];
  readonly result: ValType | undefined;
}

/** The exports of an instance. `resources` are those that the type itself declares: each use of it has its own. */
export interface InstanceType {
  readonly exports: ReadonlyMap<string, ExternType>;
  readonly resources: readonly ResourceId[];
}

export interface ComponentType {
  readonly imports: ReadonlyMap<string, ExternType>;
  readonly exports: ReadonlyMap<string, ExternType>;
  readonly importedResources: readonly ResourceId[];
  readonly definedResources: readonly ResourceId[];
}

export type TypeDef =
  | { readonly kind: "value"; readonly type: ValType }
  | { readonly kind: "func"; readonly type: FuncType }
  | { readonly kind: "instance"; readonly type: InstanceType }
  | { readonly kind: "component"; readonly type: ComponentType }
  | { readonly kind: "resource"; readonly resource: ResourceId };

export type ExternType =
  | { readonly kind: "func"; readonly type: FuncType }
  | { readonly kind: "type"; readonly type: TypeDef }
  | { readonly kind: "instance"; readonly type: InstanceType }
  | { readonly kind: "component"; readonly type: ComponentType }
  | { readonly kind: "module"; readonly type: ModuleType };

/** A core value type, as written: `i32`, `v128`, `(ref null func)`, ... equal if the text is. */
export type CoreValType = string;

export interface CoreFuncType {
  readonly params: readonly CoreValType[];
  readonly results: readonly CoreValType[];
}

export interface CoreLimits {
  readonly min: number;
  readonly max: number | undefined;
  readonly shared: boolean;
  readonly is64: boolean;
}

export type CoreExternType =
  | { readonly kind: "func"; readonly type: CoreFuncType }
  | { readonly kind: "table"; readonly element: CoreValType; readonly limits: CoreLimits }
  | { readonly kind: "memory"; readonly limits: CoreLimits; readonly pageSize: number }
  | { readonly kind: "global"; readonly type: CoreValType; readonly mutable: boolean }
  | { readonly kind: "tag"; readonly type: CoreFuncType };

export interface ModuleImport {
  readonly module: string;
  readonly name: string;
  readonly type: CoreExternType;
}

export interface ModuleType {
  readonly imports: readonly ModuleImport[];
  readonly exports: ReadonlyMap<string, CoreExternType>;
}

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
};

/** Layout of values one after another: a record, a tuple, parameters that are passed in memory. */
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

function sum(types: readonly ValType[]): Pick<TypeInfo, "weight" | "depth" | "borrows" | "owns" | "pointers"> {
  let weight = 1;
  let depth = 0;
  let borrows = false;
  let owns = false;
  let pointers = false;
  for (const { info } of types) {
    weight += info.weight;
    depth = Math.max(depth, info.depth);
    borrows ||= info.borrows;
    owns ||= info.owns;
    pointers ||= info.pointers;
  }
  return { weight, depth: depth + 1, borrows, owns, pointers };
}

/** The size of a discriminant of `count` cases, in bytes. */
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

/** Where a variant's payload begins, in bytes after its discriminant's start. */
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

/** The payloads of a variant, enum, option or result, in the order of their discriminants; undefined for other types. */
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

/** `flatten_functype` of the Canonical ABI. */
export function flatten(type: FuncType, context: "lift" | "lower"): CoreFuncType {
  const params: CoreType[] = [...(sequence(type.params.map((param) => param.type)).flat ?? ["i32" as const])];
  const flatResult = type.result === undefined ? [] : type.result.info.flat;
  if (flatResult !== undefined && flatResult.length <= maxFlatResults) return { params, results: flatResult };
  return context === "lift" ? { params, results: ["i32"] } : { params: [...params, "i32"], results: [] };
}

/** The value types that need a name to leave a component (Explainer.md, "External Visibility of Types"). */
export function isNominal(type: ValType): boolean {
  return type.kind === "record" || type.kind === "variant" || type.kind === "enum" || type.kind === "flags";
}

/** The types that a value type is made of. */
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
    default:
      return [];
  }
}

/** The same type made of other parts, which `part` answers for each. */
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
    default:
      return type;
  }
}
