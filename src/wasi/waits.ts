/** How functions of WASI say that they may wait, or that a guest may call them again and again instead of waiting. */
import { type HostFunction, mayWait } from "../component/host.ts";

/** Marks a function that may return a promise to a guest that can be suspended. */
export function waiting(method: HostFunction): HostFunction {
  return Object.assign(method, { [mayWait]: true });
}

/** A function that never waits, and that a guest may call in a loop (busy-wait) until there is something. */
export interface Polled {
  /** Whether a result says that there is nothing yet. An error `would-block` always does. */
  isNothing(result: unknown): boolean;
  /** Whether it is called again after the host's turn, so that what the guest is told is true by then. */
  readonly again: boolean;
  /** Whether it returns how many bytes are in its buffer (`resultBuffer`). */
  readonly inBuffer?: true;
}

const polled: unique symbol = Symbol.for("pollux.polled");

/** Marks a `Polled` function. @param how Unless given only the error `would-block` says that there is nothing yet */
export function polling(method: HostFunction, how: Polled = { isNothing: () => false, again: true }): HostFunction {
  return Object.assign(method, { [polled]: how });
}

/** How a function is polled; undefined: it is not. */
export function polledOf(method: HostFunction): Polled | undefined {
  return (method as { readonly [polled]?: Polled })[polled];
}
