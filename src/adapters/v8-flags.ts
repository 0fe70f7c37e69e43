/**
 * The largest guest (bytes, of all files) for which it costs little to optimise each function at its first call.
 * CPython's 21 MB would start 0.5 s later, and a Go guest (3 MB) would first compile for long.
 */
const SMALL_GUEST_BYTES = 1 << 20;

/**
 * Flags for small guests, which optimise from the start. A guest's `run` is one long call, and V8 does not replace the
 * baseline code of a running function: a loop in it stays 2.5 times slower than optimised code. Inlining uses counts of
 * the baseline code, which there are none of: V8 aborts unless it is off too.
 */
const ofSmall = ["--no-liftoff", "--no-wasm-inlining", "--no-wasm-inlining-call-indirect"] as const;

/**
 * Flags for big guests: about how many bytes of a function run before V8 optimises it; the default is 13 million. Most
 * functions of a big guest end before their better code is ready: GCC's cc1 compiles a small file with 2.2 s of CPU
 * time instead of 5 s.
 */
const ofBig = ["--wasm-tiering-budget=200000000"] as const;

/**
 * Returns V8's flags for a guest.
 *
 * @param size the size of all its files, bytes
 * @param level -O opt-level: 0 optimises nothing sooner than V8 does, 2 nothing later
 */
export function flagsFor(size: number, level: string | undefined): readonly string[] {
  if (size <= SMALL_GUEST_BYTES) return level === "0" ? [] : ofSmall;
  return level === "2" ? [] : ofBig;
}

/** All values that `flagsFor` can return. */
export const allFlags: readonly (readonly string[])[] = [ofSmall, ofBig];
