/**
 * How a guest waits. `blocking`: its thread sleeps, exported functions and imports are synchronous. `suspending`: its stack is
 * put aside by JSPI, exported functions answer Promises and imports may.
 */
export type Wait = "blocking" | "suspending";

/** @throws Error for what is not there yet */
export function checkWait(wait: Wait): void {
  if (wait === "suspending") throw new Error('wait: "suspending" is not supported yet: use wait: "blocking"');
}
