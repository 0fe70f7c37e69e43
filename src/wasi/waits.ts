/** Marks WASI functions that may wait, or that a guest may poll in a loop instead of waiting. */
import { type HostFunction, mayWait } from "../component/host.ts";

/** Marks a function that may return a promise, for a guest whose stack can be suspended. */
export function waiting(method: HostFunction): HostFunction {
  return Object.assign(method, { [mayWait]: true });
}

/**
 * How a function is polled: it never waits, and a guest may call it in a loop (busy-wait) until it returns something.
 */
export interface Polled {
  /** Returns whether a result says that there is nothing yet. The error `would-block` always does. */
  isNothing(result: unknown): boolean;
  /** Whether to call it again after the event loop had its turn, so that the guest gets the result of that moment. */
  readonly again: boolean;
  /** Whether it returns the number of bytes in its buffer (`resultBuffer`). */
  readonly inBuffer?: true;
}

const polled: unique symbol = Symbol.for("pollux.polled");

/** Marks a function as polled. @param how default: only the error `would-block` says that there is nothing yet */
export function polling(method: HostFunction, how: Polled = { isNothing: () => false, again: true }): HostFunction {
  return Object.assign(method, { [polled]: how });
}

/** Returns how a function is polled; undefined if it is not. */
export function polledOf(method: HostFunction): Polled | undefined {
  return (method as { readonly [polled]?: Polled })[polled];
}
