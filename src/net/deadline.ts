import { after, NEVER } from "../core/wait/deadline.ts";

/**
 * A point in time: a Date, or milliseconds as Date.now() counts them. Undefined: none. One that has passed fails calls at once.
 */
export type Deadline = Date | number | undefined;

/**
 * The point on the machine's clock, ns. It is never early: Date.now() is rounded down.
 *
 * @throws RangeError if it is no point in time (an invalid Date, NaN)
 */
export function fromDeadline(deadline: Deadline, now: number): number {
  if (deadline === undefined) return NEVER;
  return after(now, nanoseconds(Number(deadline) - Date.now(), "a deadline"));
}

/** @param timeout ms; undefined: for ever @throws RangeError if it is NaN */
export function fromTimeout(timeout: number | undefined, now: number): number {
  return timeout === undefined ? NEVER : after(now, nanoseconds(timeout, "a timeout"));
}

function nanoseconds(milliseconds: number, what: string): number {
  if (Number.isNaN(milliseconds)) throw new RangeError(`${what} is a number of milliseconds or a Date, not NaN`);
  return milliseconds * 1e6;
}
