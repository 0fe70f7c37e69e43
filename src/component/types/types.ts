import type { ModuleType } from "../../wasm/types.ts";

/** The types of the component model. layout.ts makes the value types. */

export type CoreType = "i32" | "i64" | "f32" | "f64";

export interface TypeInfo {
  /** bytes */
  readonly size: number;
  readonly align: number;
  /** The size and alignment with 64-bit pointers, which the limit on sizes uses. */
  readonly size64: number;
  readonly align64: number;
  /** The core values that it flattens to; undefined if they are more than 16. */
  readonly flat: readonly CoreType[] | undefined;
  /** The number of types in it, with itself, where shared ones count each time: the cost of a walk over it. */
  readonly weight: number;
  readonly depth: number;
  readonly borrows: boolean;
  /** Whether it contains an own handle, also as the payload of a stream or future. */
  readonly owns: boolean;
  /** Whether it contains a string or a list, whose content lies elsewhere in memory. */
  readonly pointers: boolean;
  /** Whether it contains a stream or a future. */
  readonly streams: boolean;
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
  | "string"
  | "error-context";

/**
 * A resource type in the type system, equal only to those of the same root. The resource is bound when the component is
 * instantiated (instantiate.ts). Importing or exporting it makes another name of the same type.
 */
export interface ResourceId {
  readonly root: ResourceId;
}

/** Returns a new resource type, or another name of `original`. */
export function resourceId(original?: ResourceId): ResourceId {
  const id: { root?: ResourceId } = {};
  id.root = original?.root ?? (id as ResourceId);
  return id as ResourceId;
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
  /** `length`: the length of a fixed-length list. */
  | { readonly kind: "list"; readonly element: ValType; readonly length: number | undefined }
  | { readonly kind: "own" | "borrow"; readonly resource: ResourceId }
  /** The readable end. `payload`: the type that it carries; undefined if it only carries the fact that something was sent. */
  | { readonly kind: "stream" | "future"; readonly payload: ValType | undefined }
);

export type StreamOrFuture = ValType & { readonly kind: "stream" | "future" };

export interface FuncType {
  /** Whether it is an `async func`, which may wait before it returns. */
  readonly async: boolean;
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
