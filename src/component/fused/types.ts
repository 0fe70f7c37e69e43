import { maxFlatParams, maxFlatResults, payloadsOf } from "../types/layout.ts";
import type { CoreType, FuncType, ValType } from "../types/types.ts";

/** A core value that is a value or a part of one, and its conversion in a fused call. */
export interface Scalar {
  readonly core: CoreType;
  readonly conversion: "none" | "bool" | "mask" | "extend8" | "extend16" | "char" | "discriminant";
  /** The number of bits that are kept, or the number of cases. */
  readonly operand?: number;
}

/** A function type whose calls can be fused. */
export interface FusedType {
  readonly params: readonly Scalar[];
  readonly result: Scalar | undefined;
  /** Equal for types with the same conversions. */
  readonly key: string;
}

/** Returns the type for fused calls; undefined if some of its values are not core values. */
export function fusedType({ async, params, result }: FuncType): FusedType | undefined {
  if (async) return undefined;
  const given = scalars(
    params.map(({ type }) => type),
    maxFlatParams,
  );
  const returned = scalars(result === undefined ? [] : [result], maxFlatResults);
  if (given === undefined || returned === undefined) return undefined;
  const key = [...given, "", ...returned].map((each) =>
    typeof each === "string" ? ":" : `${each.core}.${each.conversion}.${each.operand ?? ""}`,
  );
  return { params: given, result: returned[0], key: key.join() };
}

function scalars(types: readonly ValType[], most: number): readonly Scalar[] | undefined {
  const all: Scalar[] = [];
  return types.every((type) => collect(type, all, most)) ? all : undefined;
}

function times(count: number, work: () => boolean): boolean {
  for (let i = 0; i < count; i++) if (!work()) return false;
  return true;
}

/** Adds the core values of a type to `into`. Returns false if it has others, or if they are more than `most` in all. */
function collect(type: ValType, into: Scalar[], most: number): boolean {
  if (type.info.flat === undefined || into.length + type.info.flat.length > most) return false;
  switch (type.kind) {
    case "record":
      return type.fields.every((field) => collect(field.type, into, most));
    case "tuple":
      return type.types.every((item) => collect(item, into, most));
    case "list":
      return type.length !== undefined && times(type.length, () => collect(type.element, into, most));
    default: {
      const scalar = scalarOf(type);
      if (scalar !== undefined) into.push(scalar);
      return scalar !== undefined;
    }
  }
}

function scalarOf(type: ValType): Scalar | undefined {
  switch (type.kind) {
    case "u32":
    case "s32":
    case "u64":
    case "s64":
    case "f32":
    case "f64":
      return { core: type.info.flat![0]!, conversion: "none" };
    case "bool":
      return { core: "i32", conversion: "bool" };
    case "u8":
      return { core: "i32", conversion: "mask", operand: 0xff };
    case "u16":
      return { core: "i32", conversion: "mask", operand: 0xffff };
    case "s8":
      return { core: "i32", conversion: "extend8" };
    case "s16":
      return { core: "i32", conversion: "extend16" };
    case "char":
      return { core: "i32", conversion: "char" };
    case "flags":
      return type.names.length === 32
        ? { core: "i32", conversion: "none" }
        : { core: "i32", conversion: "mask", operand: 2 ** type.names.length - 1 };
    default: {
      const payloads = payloadsOf(type);
      if (payloads === undefined || payloads.some((payload) => payload !== undefined)) return undefined;
      return { core: "i32", conversion: "discriminant", operand: payloads.length };
    }
  }
}
