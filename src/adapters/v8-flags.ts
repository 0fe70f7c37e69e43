/**
 * Up to this size (bytes, of the whole component) optimising each function at its first call costs a guest little: CPython's
 * 21 MB would start 0.5 s later, and a Go guest (3 MB) is a busy compiler first.
 */
export const SMALL = 1 << 20;

/**
 * A guest's `run` is one long call, and V8 does not replace the baseline code of a function that is running: a loop in it stays
 * 2.5 times slower than optimised. So small guests are optimised from the start. Inlining reads what the baseline code has
 * counted, and there is none: V8 aborts unless it is off too.
 */
export const flags = ["--no-liftoff", "--no-wasm-inlining", "--no-wasm-inlining-call-indirect"] as const;
