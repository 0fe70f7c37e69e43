import { encodeName, encodeOwnModule, leb128, signedLeb128 } from "../../wasm/writer.ts";
import { BY_FUSED_CALL, MAY_NOT_ENTER, MAY_NOT_LEAVE } from "../instance/state.ts";
import type { CoreType } from "../types/types.ts";
import type { FusedType, Scalar } from "./types.ts";

/**
 * Calls between components whose lower and lift are one WebAssembly function, as wasmtime fuses them. They take values that are
 * core values, with nothing in memory. They do the same as the JavaScript of trampolines.ts, in the same order except for one
 * thing: whether the callee may be entered is checked before the arguments are, as in CanonicalABI.md and wasmtime.
 */

/** The reasons why a fused call fails, as the argument of `fail`. */
export const FAILURES = {
  /** The caller may not leave its instance, or the callee may not be entered. */
  refused: 0,
  /** The callee has thrown an exception. */
  exception: 1,
  char: 2,
  discriminant: 3,
} as const;

/** The inputs of a call's code. */
export interface FusedCall {
  readonly type: FusedType;
  /** The flag globals (below) of the instances that it enters: at least one. */
  readonly entered: readonly number[];
}

/** Calls of one caller that are made together. The address of an instance's flags is in a global: the caller's is global 0. */
export interface FusedShape {
  readonly calls: readonly FusedCall[];
  /** The number of these globals. */
  readonly flagGlobals: number;
  /** Whether the components have context slots (component model async). Each call has its own. */
  readonly slots: boolean;
}

const CORE_TYPES: Readonly<Record<CoreType, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c };
const I32 = CORE_TYPES.i32;

const codesOf = (list: readonly Scalar[]) => [...leb128(list.length), ...list.map(({ core }) => CORE_TYPES[core])];

/** Encodes a vec of encoded items. */
const vector = (items: readonly (readonly number[])[]) => [...leb128(items.length), ...items.flat()];

/** Indices. Imported functions come first, then the globals with the addresses of flags. */
const FAIL = 0;
const core = (call: number) => 1 + call;
const CALLER = 0;

const LOAD = 0x28;
const STORE = 0x36;
const OR = 0x72;
const GLOBAL_GET = 0x23;
const GLOBAL_SET = 0x24;
const END = 0x0b;

/** Collects the instructions of a function. */
class Code {
  readonly bytes: number[] = [];

  /** Adds an instruction without immediates, or an immediate below 128. */
  op(byte: number): void {
    this.bytes.push(byte);
  }

  /** Adds an instruction with an index. */
  indexed(opcode: number, index: number): void {
    this.bytes.push(opcode);
    if (index < 128) this.bytes.push(index);
    else this.bytes.push(...leb128(index));
  }

  get(local: number): void {
    this.indexed(0x20, local);
  }

  set(local: number): void {
    this.indexed(0x21, local);
  }

  constant(value: number): void {
    this.bytes.push(0x41);
    if (value < 64) this.bytes.push(value);
    else this.bytes.push(...signedLeb128(value));
  }

  /** Adds i32.load or i32.store of a flag. Their address is on the stack. */
  flag(opcode: number, word: number): void {
    this.bytes.push(opcode, 2, 4 * word); // align=4
  }

  fail(failure: number): void {
    this.constant(failure);
    this.bytes.push(0x10, FAIL, 0x00); // call $fail; unreachable
  }

  /** Fails if the value on the stack is not 0. */
  failIf(failure: number): void {
    this.bytes.push(0x04, 0x40); // if
    this.fail(failure);
    this.bytes.push(0x0b);
  }
}

/**
 *     (module
 *       (import "" "fail" (func $fail (param i32)))
 *       (import "" "core0" (func $core0 (param ...) (result r))) ...
 *       (import "" "flags" (memory 1))
 *       (import "" "flags0" (global $flags0 i32)) ...
 *       (import "" "slot0" (global $slot0 (mut i32))) (import "" "slot1" (global $slot1 (mut i32)))
 *       (func (export "call0") ...) ...)
 */
export function encodeFusedCalls(shape: FusedShape): Uint8Array<ArrayBuffer> {
  const { calls, flagGlobals, slots } = shape;
  const imported = (name: string, ...description: readonly number[]) => [0, ...encodeName(name), ...description];
  const each = <T>(make: (call: FusedCall, i: number) => T) => calls.map(make);
  return encodeOwnModule(
    [
      1,
      vector([
        [0x60, 1, I32, 0],
        ...each(({ type: { params, result } }) => [0x60, ...codesOf(params), ...codesOf(result ? [result] : [])]),
      ]),
    ],
    [
      2,
      vector([
        imported("fail", 0, 0),
        ...each((_, i) => imported(`core${i}`, 0, ...leb128(1 + i))),
        imported("flags", 2, 0, 1),
        ...Array.from({ length: flagGlobals }, (_, i) => imported(`flags${i}`, 3, I32, 0)),
        ...(slots ? [imported("slot0", 3, I32, 1), imported("slot1", 3, I32, 1)] : []),
      ]),
    ],
    [3, vector(each((_, i) => leb128(1 + i)))],
    [7, vector(each((_, i) => [...encodeName(`call${i}`), 0, ...leb128(core(calls.length + i))]))],
    [10, vector(each((_, i) => encodeBody(shape, i)))],
  );
}

/**
 *     (func (param ...) (result r)
 *       (if (i32.or (i32.load offset=MAY_NOT_LEAVE $flags0) (i32.load offset=MAY_NOT_ENTER $flags1) ...)
 *         (then (call $fail refused)))
 *       ;; each parameter is converted
 *       (i32.store offset=MAY_NOT_ENTER $flags1 BY_FUSED_CALL) ...
 *       ;; the slots are saved, and set to 0
 *       (try (do (local.set $r (call $core (param ...)))) (catch_all (call $fail exception)))
 *       ;; the result is converted, the slots are restored
 *       (i32.store offset=MAY_NOT_ENTER $flags1 0) ...
 *       (local.get $r))
 *
 * The legacy `try` is used because all engine versions with exceptions have it.
 */
function encodeBody({ calls, flagGlobals, slots }: FusedShape, call: number): number[] {
  const { type, entered } = calls[call]!;
  const { params, result } = type;
  const returned = params.length;
  const kept = returned + (result === undefined ? 0 : 1);
  const slotGlobals = slots ? [flagGlobals, flagGlobals + 1] : [];
  const code = new Code();
  const enter = (value: number) => {
    for (const global of entered) {
      code.indexed(GLOBAL_GET, global);
      code.constant(value);
      code.flag(STORE, MAY_NOT_ENTER);
    }
  };
  code.indexed(GLOBAL_GET, CALLER);
  code.flag(LOAD, MAY_NOT_LEAVE);
  for (const global of entered) {
    code.indexed(GLOBAL_GET, global);
    code.flag(LOAD, MAY_NOT_ENTER);
    code.op(OR);
  }
  code.failIf(FAILURES.refused);
  params.forEach((param, i) => {
    convert(code, param, i);
  });
  enter(BY_FUSED_CALL);
  slotGlobals.forEach((global, i) => {
    code.indexed(GLOBAL_GET, global);
    code.set(kept + i);
    code.constant(0);
    code.indexed(GLOBAL_SET, global);
  });
  code.op(0x06); // try
  code.op(0x40);
  for (let i = 0; i < params.length; i++) code.get(i);
  code.indexed(0x10, core(call)); // call
  if (result !== undefined) code.set(returned);
  code.op(0x19); // catch_all
  code.fail(FAILURES.exception);
  code.op(END);
  if (result !== undefined) convert(code, result, returned);
  slotGlobals.forEach((global, i) => {
    code.get(kept + i);
    code.indexed(GLOBAL_SET, global);
  });
  enter(0);
  if (result !== undefined) code.get(returned);
  code.op(END);
  const locals = [
    ...(result === undefined ? [] : [[1, CORE_TYPES[result.core]]]),
    ...(slots ? [[slotGlobals.length, I32]] : []),
  ];
  const body = [...vector(locals), ...code.bytes];
  return [...leb128(body.length), ...body];
}

/** Adds code that lifts a local's value and lowers it again: the same core value, normalized or checked. */
function convert(code: Code, { conversion, operand = 0 }: Scalar, local: number): void {
  if (conversion === "none") return;
  code.get(local);
  switch (conversion) {
    case "bool":
      code.op(0x45); // i32.eqz, twice
      code.op(0x45);
      break;
    case "mask":
      code.constant(operand);
      code.op(0x71); // i32.and
      break;
    case "extend8":
      code.op(0xc0);
      break;
    case "extend16":
      code.op(0xc1);
      break;
    case "discriminant":
      code.constant(operand);
      code.op(0x4f); // i32.ge_u
      code.failIf(FAILURES.discriminant);
      return;
    case "char":
      code.constant(0x10ffff);
      code.op(0x4b); // i32.gt_u
      code.get(local);
      code.constant(0xd800);
      code.op(0x6b); // i32.sub
      code.constant(0x800);
      code.op(0x49); // i32.lt_u
      code.op(OR);
      code.failIf(FAILURES.char);
      return;
  }
  code.set(local);
}
