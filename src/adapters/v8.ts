import { setFlagsFromString } from "node:v8";

/**
 * Up to this size (bytes, of the whole component) optimising each function at its first call costs a guest little: CPython's
 * 21 MB would start 0.5 s later, and a Go guest (3 MB) is a busy compiler first.
 */
const SMALL = 1 << 20;

/** Inlining reads what the baseline code has counted, and there is none: V8 aborts unless it is off too. */
const FLAGS = ["--no-liftoff", "--no-wasm-inlining", "--no-wasm-inlining-call-indirect"];

/**
 * Must be called before a guest is compiled. A guest's `run` is one long call, and V8 does not replace the baseline code of a
 * function that is running: a loop in it stays 2.5 times slower than optimised. So small guests are optimised from the start.
 */
export function optimizeSmallGuest(size: number): void {
  if (size <= SMALL) for (const flag of FLAGS) setFlagsFromString(flag);
}
