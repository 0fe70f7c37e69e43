import process from "node:process";
import type { MachineOptions } from "../../src/adapters/posix/machine.ts";
import type { Machine } from "../../src/machine/machine.ts";

export type Runtime = "bun" | "deno" | "node";

/** The runtime that runs this test. */
export const runtime: Runtime =
  process.versions["bun"] !== undefined ? "bun" : process.versions["deno"] !== undefined ? "deno" : "node";

/** Its posix machine. */
export async function createMachine(options?: MachineOptions): Promise<Machine> {
  const adapter: { createMachine(options?: MachineOptions): Promise<Machine> } = await import(
    `../../src/adapters/${runtime}.ts`
  );
  return adapter.createMachine(options);
}
