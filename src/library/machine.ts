import type { Machine } from "../adapters/contract.ts";
import type { MachineOptions } from "../adapters/posix/machine.ts";

/**
 * The machine of the runtime this program runs on: the library's composition root, as bin/* are the command's.
 *
 * @throws UnsupportedRuntime where the runtime has no FFI
 */
export async function createMachine(options?: MachineOptions): Promise<Machine> {
  if ("Bun" in globalThis) return (await import("../adapters/bun.ts")).createMachine(options);
  if ("Deno" in globalThis) return (await import("../adapters/deno.ts")).createMachine(options);
  return (await import("../adapters/node.ts")).createMachine(options);
}
