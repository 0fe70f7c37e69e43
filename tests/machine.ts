import { createMachine } from "../src/library/machine.ts";
import type { Machine } from "../src/machine/machine.ts";

export { createMachine };

/** Defines the same tests over every mechanism that waits. */
export async function eachSelector(define: (name: string, machine: Machine) => void): Promise<void> {
  for (const selector of ["epoll", "poll"] as const) define(selector, await createMachine({ selector }));
}
