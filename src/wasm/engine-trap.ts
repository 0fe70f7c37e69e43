/** Translates the messages of V8 and JavaScriptCore for WebAssembly traps into wasmtime's. */
import { Trap } from "../core/wait/errors.ts";
import { wasmFrames } from "./frames.ts";

/**
 * A trap that the engine itself raised (unreachable, out-of-bounds memory, stack overflow), or one that wasmtime raises in its
 * engine (an instance entered or left when it may not be). Exit status 134.
 */
export class EngineTrap extends Trap {}

/**
 * Patterns that are matched in order against the start of the engine's message. Where an engine has one message for two of
 * wasmtime's traps, the likelier one is chosen.
 */
const traps: readonly (readonly [string, ...string[]])[] = [
  // [wasmtime's message, V8's, JavaScriptCore's]
  ["wasm `unreachable` instruction executed", "unreachable", "Unreachable code should not be executed"],
  [
    "out of bounds memory access",
    "memory access out of bounds",
    "Out of bounds memory access",
    "Out of bounds memory.init",
  ],
  ["out of bounds memory access", "data segment", "Invalid data segment initialization"],
  ["integer divide by zero", "divide by zero", "remainder by zero", "Division by zero"],
  ["integer overflow", "divide result unrepresentable", "Integer overflow"],
  ["invalid conversion to integer", "float unrepresentable in integer range", "Out of bounds Trunc operation"],
  ["uninitialized element", "null function"],
  ["indirect call type mismatch", "function signature mismatch", "null function or function signature mismatch"],
  ["indirect call type mismatch", "call_indirect to a signature that does not match"],
  ["undefined element: out of bounds table access", "table index is out of bounds", "Out of bounds call_indirect"],
  ["undefined element: out of bounds table access", "table access out of bounds", "Out of bounds table access"],
  [
    "undefined element: out of bounds table access",
    "element segment",
    "table initializer",
    "Element is trying to set an out of bounds table index",
  ],
  [
    "null reference",
    "dereferencing a null pointer",
    "rethrowing null value",
    "access to a null reference",
    "call_ref to a null reference",
    "i31.get_<sx> to a null reference",
    "ref.as_non_null to a null reference",
    "throw_ref on a null reference",
  ],
  ["cast failure", "illegal cast", "ref.cast failed"],
  ["out of bounds array access", "array element access out of bounds", "Out of bounds array."],
  ["out of bounds memory access", "Out of bounds or failed to allocate in array.new_data"],
  ["undefined element: out of bounds table access", "Out of bounds or failed to allocate in array.new_elem"],
  ["allocation size too large", "requested new array is too large", "Failed to allocate new array"],
  ["unaligned atomic", "operation does not support unaligned accesses", "Unaligned memory access"],
  ["atomic wait on non-shared memory", "Atomics.wait cannot be called in this context"],
];

/** Returns wasmtime's message for an engine's trap; the engine's own message where wasmtime has none. */
export function describeTrap(message: string): string {
  const words = engineWords(message);
  return traps.find(([, ...starts]) => starts.some((start) => words.startsWith(start)))?.[0] ?? words;
}

/**
 * Returns an engine's message without the JavaScript around it: V8 puts the function's name before it, JavaScriptCore the source
 * text after it.
 */
export function engineWords(message: string): string {
  const words = message.replace(/^WebAssembly\.\w+\(\): /, "");
  const source = words.endsWith(")") ? words.lastIndexOf(" (evaluating ") : -1;
  return source < 0 ? words : words.slice(0, source);
}

/** Whether the guest's stack is exhausted. On every engine that is a RangeError and not a WebAssembly.RuntimeError. */
export function isStackOverflow(error: unknown): error is RangeError {
  return error instanceof RangeError && /^Maximum call stack size exceeded/.test(error.message);
}

/**
 * Whether an instance's memories or tables could not be allocated. On every engine that is a RangeError and not a
 * WebAssembly.LinkError.
 */
export function isOutOfMemory(error: unknown): error is RangeError {
  return error instanceof RangeError && /out of memory/i.test(error.message);
}

/** Returns the trap that ended a guest at that stage, with its frames; undefined if the error is no trap. */
export function trapOf(error: unknown, stage: Trap["stage"]): Trap | undefined {
  const trap = asTrap(error);
  if (trap === undefined) return undefined;
  // Engines record no stack for a WebAssembly.Exception that a guest throws. One that has come out of another guest has its own.
  if (trap.frames.length === 0 && error instanceof Error) trap.frames = wasmFrames(error);
  trap.stage = stage;
  return trap;
}

function asTrap(error: unknown): Trap | undefined {
  if (error instanceof Trap) return error;
  if (isStackOverflow(error)) return new EngineTrap("wasm trap: call stack exhausted", { cause: error });
  if (error instanceof WebAssembly.Exception) return new Trap("thrown Wasm exception", { cause: error });
  if (!(error instanceof WebAssembly.RuntimeError)) return undefined;
  return new EngineTrap(`wasm trap: ${describeTrap(error.message)}`, { cause: error });
}
