/**
 * Deadline arithmetic, all of it. WASI counts in u64 nanoseconds (bigint); the core in nanoseconds as JS numbers, exact up to
 * 2^53 (104 days), beyond which a point in time is as good as never. A deadline is a point on the machine's monotonic clock.
 */

export const NEVER = Number.POSITIVE_INFINITY;

const longest = BigInt(Number.MAX_SAFE_INTEGER);

/** A u64 duration or instant, ns: saturates to NEVER. */
export function fromU64(ns: bigint): number {
  return ns > longest ? NEVER : Number(ns);
}

/** The same from the i64 that core code has in its place. */
export function fromI64(ns: bigint): number {
  const number = Number(ns);
  return number >= 0 && number <= Number.MAX_SAFE_INTEGER ? number : NEVER;
}

/** The same from the two halves of a u64, without making a bigint. */
export function fromWords(low: number, high: number): number {
  return high > 0x1f_ffff ? NEVER : high * 0x1_0000_0000 + low;
}

/** The deadline `duration` ns after `now`. */
export function after(now: number, duration: number): number {
  return now + duration;
}

/** The time left until `deadline`, ns. Never negative, so that a deadline in the past is a look without waiting. */
export function remaining(deadline: number, now: number): number {
  return deadline > now ? deadline - now : 0;
}
