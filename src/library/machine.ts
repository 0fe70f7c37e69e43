import type { MachineOptions } from "../adapters/posix/machine.ts";
import type { Machine, SuspendingMachine } from "../machine/machine.ts";
import { allNeeds, type MachineNeeds, type NetFamily } from "../machine/machines.ts";
import { UnsupportedRuntime } from "../machine/unsupported-runtime.ts";

/** The adapter of the runtime this program runs on: the library's composition root, as bin/* are the command's. */
function adapter() {
  if ("Bun" in globalThis) return import("../adapters/bun.ts");
  if ("Deno" in globalThis) return import("../adapters/deno.ts");
  return import("../adapters/node.ts");
}

/**
 * For guests that hold the thread while they wait.
 *
 * @throws UnsupportedRuntime where the runtime has no FFI
 */
export async function createMachine(options?: MachineOptions): Promise<Machine> {
  const { createMachine: create } = await adapter();
  try {
    return await create(options);
  } catch (error) {
    if (!(error instanceof UnsupportedRuntime)) throw error;
    throw new UnsupportedRuntime(`${error.message}; or give wait: "suspending"`, { cause: error });
  }
}

/** A machine of what every JavaScript runtime has, without sockets and directories. */
export async function createWebMachine(keepsAlive?: boolean): Promise<SuspendingMachine> {
  return (await import("../adapters/web/machine.ts")).createWebMachine(keepsAlive);
}

/**
 * By default posix where there is FFI and epoll, else evented.
 *
 * @throws UnsupportedRuntime where what is asked for is not there
 */
export async function createSuspendingMachine(
  net?: NetFamily,
  needs: MachineNeeds = allNeeds,
): Promise<SuspendingMachine> {
  const { posix, evented } = (await adapter()).machines.suspending;
  if (net !== undefined) return net === "posix" ? posix(needs) : evented();
  try {
    return await posix(needs);
  } catch (error) {
    if (!(error instanceof UnsupportedRuntime)) throw error;
    return evented();
  }
}
