import type { Machine } from "../src/adapters/contract.ts";
import type { PosixOptions } from "../src/adapters/posix/machine.ts";

/** The machine of the runtime that runs this test. */
export async function createMachine(options?: PosixOptions): Promise<Machine> {
  const { versions } = process;
  const runtime = versions["bun"] !== undefined ? "bun" : versions["deno"] !== undefined ? "deno" : "node";
  const adapter: { createMachine(options?: PosixOptions): Machine } = await import(`../src/adapters/${runtime}.ts`);
  return adapter.createMachine(options);
}

/** Defines the same tests over every mechanism that waits. */
export async function eachSelector(define: (name: string, machine: Machine) => void): Promise<void> {
  for (const selector of ["epoll", "poll"] as const) define(selector, await createMachine({ selector }));
}
