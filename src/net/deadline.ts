import { after, NEVER } from "../core/wait/deadline.ts";

/**
 * A point in time: a Date, or milliseconds as Date.now() counts them; undefined: none. After it has passed, calls fail
 * at once.
 */
export type Deadline = Date | number | undefined;

/**
 * Converts a deadline to a time on the machine's clock, ns. It is never early, as Date.now() is rounded down.
 *
 * @throws RangeError for an invalid Date or NaN
 */
export function fromDeadline(deadline: Deadline, now: number): number {
  if (deadline === undefined) return NEVER;
  return after(now, nanoseconds(Number(deadline) - Date.now(), "a deadline"));
}

/**
 * Converts a timeout to a time on the machine's clock, ns.
 *
 * @param timeout ms; undefined: no limit
 * @throws RangeError if it is NaN
 */
export function fromTimeout(timeout: number | undefined, now: number): number {
  return timeout === undefined ? NEVER : after(now, nanoseconds(timeout, "a timeout"));
}

function nanoseconds(milliseconds: number, what: string): number {
  if (Number.isNaN(milliseconds)) throw new RangeError(`${what} is a number of milliseconds or a Date, not NaN`);
  return milliseconds * 1e6;
}
