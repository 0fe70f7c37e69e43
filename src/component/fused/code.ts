import { encodeName, encodeOwnModule, leb128, signedLeb128 } from "../../wasm/splice.ts";
import { BY_FUSED_CALL, MAY_NOT_ENTER, MAY_NOT_LEAVE } from "../instance/state.ts";
import { maxFlatParams, maxFlatResults, payloadsOf } from "../types/layout.ts";
import type { CoreType, FuncType, ValType } from "../types/types.ts";

/**
 * Calls between components whose lower and lift are one function of WebAssembly, as wasmtime fuses them: for values that are core
 * values, with nothing in a memory. It does what the JavaScript of trampolines.ts does, in the same order but for one thing: whether
 * the callee may be entered is asked before the arguments are looked at, as in CanonicalABI.md and wasmtime.
 */

/** Why such a call fails: what its module tells `fail`. */
export const FAILURES = {
  /** The caller may not leave its instance, or the callee may not be entered. */
  refused: 0,
  /** The callee has thrown an exception. */
  exception: 1,
  char: 2,
  discriminant: 3,
} as const;

/** A core value that stands for a value, or for a part of one, and what is done to it on its way. */
interface Scalar {
  readonly core: CoreType;
  readonly conversion: "none" | "bool" | "mask" | "extend8" | "extend16" | "char" | "discriminant";
  /** The bits that are kept; the number of cases. */
  readonly operand?: number;
}

/** A function type whose calls can be fused. */
export interface FusedType {
  readonly params: readonly Scalar[];
  readonly result: Scalar | undefined;
  /** Equal for those that are. */
  readonly key: string;
}

/** Undefined: some of its values are no core values. */
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

/** Whether the value is core values alone, no more than `most` with those that are in `into`. */
function collect(type: ValType, into: Scalar[], most: number): boolean {
  if (type.info.flat === undefined || into.length + type.info.flat.length > most) return false;
  switch (type.kind) {
    case "record":
      return type.fields.every((field) => collect(field.type, into, most));
    case "tuple":
      return type.types.every((item) => collect(item, into, most));
    case "list":
      return type.length !== undefined && type.info.flat.every(() => collect(type.element, into, most));
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

/** What the code depends on beside the type. */
export interface FusedShape {
  /** How many instances the call enters, at least one. */
  readonly entered: number;
  /** Whether the components have context slots (component model async), of which each call has its own. */
  readonly slots: boolean;
}

const CORE_TYPES: Readonly<Record<CoreType, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c };
const I32 = CORE_TYPES.i32;

const codesOf = (list: readonly Scalar[]) => [...leb128(list.length), ...list.map(({ core }) => CORE_TYPES[core])];

/** The indices of what it imports, beside its memory. */
const CORE = 0;
const FAIL = 1;
const CALLER = 0;
const callee = (entered: number) => 1 + entered;

const constant = (value: number) => [0x41, ...signedLeb128(value)];
const localGet = (local: number) => [0x20, ...leb128(local)];
const localSet = (local: number) => [0x21, ...leb128(local)];
const globalGet = (global: number) => [0x23, ...leb128(global)];
const globalSet = (global: number) => [0x24, ...leb128(global)];
const flag = (word: number) => [2, ...leb128(4 * word)]; // align=4 offset
const fail = (failure: number) => [...constant(failure), 0x10, FAIL, 0x00]; // call $fail; unreachable
/** Of what is on the stack. */
const failIf = (failure: number) => [0x04, 0x40, ...fail(failure), 0x0b]; // if ... end

/**
 *     (module
 *       (import "" "core" (func $core (param ...) (result r)))
 *       (import "" "fail" (func $fail (param i32)))
 *       (import "" "flags" (memory 1))
 *       (import "" "caller" (global $caller i32)) (import "" "callee0" (global $callee0 i32)) ...
 *       (import "" "slot0" (global $slot0 (mut i32))) (import "" "slot1" (global $slot1 (mut i32)))
 *       (func (export "call") (param ...) (result r)
 *         (if (i32.or (i32.load offset=MAY_NOT_LEAVE $caller) (i32.load offset=MAY_NOT_ENTER $callee0) ...) (then (call $fail refused)))
 *         ;; each parameter is converted
 *         (i32.store offset=MAY_NOT_ENTER $callee0 BY_FUSED_CALL) ...
 *         ;; the slots are kept, and are 0
 *         (try (do (local.set $r (call $core (param ...)))) (catch_all (call $fail exception)))
 *         ;; the result is converted, the slots are what they were
 *         (i32.store offset=MAY_NOT_ENTER $callee0 0) ...
 *         (local.get $r)))
 *
 * The older `try` is what all versions of the engines have that have exceptions.
 */
export function encodeFusedCall(
  { params, result }: FusedType,
  { entered, slots }: FusedShape,
): Uint8Array<ArrayBuffer> {
  const returned = params.length;
  const kept = returned + (result === undefined ? 0 : 1);
  const callees = Array.from({ length: entered }, (_, i) => callee(i));
  const slotGlobals = slots ? [callee(entered), callee(entered + 1)] : [];
  const enter = (value: number) =>
    callees.flatMap((each) => [...globalGet(each), ...constant(value), 0x36, ...flag(MAY_NOT_ENTER)]);
  const code = [
    ...[...globalGet(CALLER), 0x28, ...flag(MAY_NOT_LEAVE)],
    ...callees.flatMap((each) => [...globalGet(each), 0x28, ...flag(MAY_NOT_ENTER), 0x72]), // i32.load; i32.or
    ...failIf(FAILURES.refused),
    ...params.flatMap((param, i) => convert(param, i)),
    ...enter(BY_FUSED_CALL),
    ...slotGlobals.flatMap((global, i) => [...globalGet(global), ...localSet(kept + i)]),
    ...slotGlobals.flatMap((global) => [...constant(0), ...globalSet(global)]),
    ...[0x06, 0x40], // try
    ...params.flatMap((_, i) => localGet(i)),
    ...[0x10, CORE],
    ...(result === undefined ? [] : localSet(returned)),
    ...[0x19, ...fail(FAILURES.exception), 0x0b], // catch_all ... end
    ...(result === undefined ? [] : convert(result, returned)),
    ...slotGlobals.flatMap((global, i) => [...localGet(kept + i), ...globalSet(global)]),
    ...enter(0),
    ...(result === undefined ? [] : localGet(returned)),
    0x0b,
  ];
  const locals = [
    ...(result === undefined ? [] : [[1, CORE_TYPES[result.core]]]),
    ...(slots ? [[slotGlobals.length, I32]] : []),
  ];
  const body = [locals.length, ...locals.flat(), ...code];
  const imported = (name: string, ...description: readonly number[]) => [0, ...encodeName(name), ...description];
  const imports = [
    imported("core", 0, 0),
    imported("fail", 0, 1),
    imported("flags", 2, 0, 1),
    imported("caller", 3, I32, 0),
    ...callees.map((_, i) => imported(`callee${i}`, 3, I32, 0)),
    ...slotGlobals.map((_, i) => imported(`slot${i}`, 3, I32, 1)),
  ];
  return encodeOwnModule(
    [1, [2, 0x60, ...codesOf(params), ...codesOf(result === undefined ? [] : [result]), 0x60, 1, I32, 0]],
    [2, [...leb128(imports.length), ...imports.flat()]],
    [3, [1, 0]],
    [7, [1, ...encodeName("call"), 0, 2]],
    [10, [1, ...leb128(body.length), ...body]],
  );
}

/** Code that makes of a local what is lowered of what it stands for. */
function convert({ conversion, operand = 0 }: Scalar, local: number): number[] {
  const value = localGet(local);
  const become = (...code: readonly number[]) => [...value, ...code, ...localSet(local)];
  switch (conversion) {
    case "none":
      return [];
    case "bool":
      return become(0x45, 0x45); // i32.eqz twice
    case "mask":
      return become(...constant(operand), 0x71); // i32.and
    case "extend8":
      return become(0xc0);
    case "extend16":
      return become(0xc1);
    case "discriminant":
      return [...value, ...constant(operand), 0x4f, ...failIf(FAILURES.discriminant)]; // i32.ge_u
    case "char":
      return [
        ...[...value, ...constant(0x10ffff), 0x4b], // i32.gt_u
        ...[...value, ...constant(0xd800), 0x6b, ...constant(0x800), 0x49, 0x72], // i32.sub, i32.lt_u, i32.or
        ...failIf(FAILURES.char),
      ];
  }
}
