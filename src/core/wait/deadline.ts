/**
 * All deadline arithmetic. WASI counts in u64 nanoseconds (bigint), the core in nanoseconds as JS numbers. These are exact up to
 * 2^53 (104 days); a later time is as good as never. A deadline is a point on the machine's monotonic clock.
 */

export const NEVER = Number.POSITIVE_INFINITY;

const longest = BigInt(Number.MAX_SAFE_INTEGER);

/** Converts a u64 duration or instant, ns. Saturates to NEVER. */
export function fromU64(ns: bigint): number {
  return ns > longest ? NEVER : Number(ns);
}

/** As `fromU64`, from the i64 of core code. */
export function fromI64(ns: bigint): number {
  const number = Number(ns);
  return number >= 0 && number <= Number.MAX_SAFE_INTEGER ? number : NEVER;
}

/** As `fromU64`, from the two halves of a u64, without making a bigint. */
export function fromWords(low: number, high: number): number {
  return high > 0x1f_ffff ? NEVER : high * 0x1_0000_0000 + low;
}

/** Returns the deadline `duration` ns after `now`. */
export function after(now: number, duration: number): number {
  return now + duration;
}

/** Returns the time left until `deadline`, ns. Never negative: with a deadline in the past, a wait is a look. */
export function remaining(deadline: number, now: number): number {
  return deadline > now ? deadline - now : 0;
}
