/**
 * Up to this size (bytes, of all files) optimising each function at its first call costs a guest little: CPython's 21 MB would
 * start 0.5 s later, and a Go guest (3 MB) is a busy compiler first.
 */
const SMALL = 1 << 20;

/**
 * A guest's `run` is one long call, and V8 does not replace the baseline code of a function that is running: a loop in it stays
 * 2.5 times slower than optimised. So small guests are optimised from the start. Inlining reads what the baseline code has
 * counted, and there is none: V8 aborts unless it is off too.
 */
const ofSmall = ["--no-liftoff", "--no-wasm-inlining", "--no-wasm-inlining-call-indirect"] as const;

/**
 * About how many bytes of a function have run when V8 optimises it; by default 13 million. Most functions of a big guest are
 * then done before their better code is there: GCC's cc1 compiles a small file with 2.2 s of CPU time instead of 5.
 */
const ofBig = ["--wasm-tiering-budget=200000000"] as const;

/**
 * V8's flags for a guest.
 *
 * @param size Of all its files, bytes
 * @param level -O opt-level: with 0 nothing is optimised sooner than V8 does, with 2 nothing later
 */
export function flagsFor(size: number, level: string | undefined): readonly string[] {
  if (size <= SMALL) return level === "0" ? [] : ofSmall;
  return level === "2" ? [] : ofBig;
}

/** All that `flagsFor` answers. */
export const allFlags: readonly (readonly string[])[] = [ofSmall, ofBig];
