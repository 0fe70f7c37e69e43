/** --net and --wait: the machine that a guest runs on, and how it waits there. */
import type { Machine, SuspendingMachine } from "../adapters/contract.ts";
import type { Machines, NetFamily } from "../adapters/machines.ts";
import { UnsupportedRuntime } from "../adapters/unsupported-runtime.ts";
import { UsageError } from "./usage.ts";

export type WaitStrategy = "blocking" | "suspending";

export interface Choice {
  readonly net: NetFamily | undefined;
  readonly wait: WaitStrategy | undefined;
}

/** @throws UsageError */
export function checkChoice({ net, wait }: Choice): void {
  if (net === "evented" && wait === "blocking")
    throw new UsageError(
      "the argument '--net <FAMILY>' cannot be evented with '--wait <STRATEGY>' blocking: the runtime's own sockets need its event loop",
    );
}

export type Chosen =
  | { readonly wait: "blocking"; readonly machine: Machine }
  | { readonly wait: "suspending"; readonly machine: SuspendingMachine };

/**
 * posix + blocking where that works and nothing else is asked for, then evented + suspending.
 *
 * @param size The guest's, bytes
 * @param threads Whether the run may start workers
 * @throws UnsupportedRuntime of the first that was tried
 */
export async function chooseMachine(
  { net, wait }: Choice,
  machines: Machines,
  size: number,
  threads: boolean,
): Promise<Chosen> {
  const { posix, evented } = machines.suspending;
  if (net === "evented") {
    return { wait: "suspending", machine: await evented() };
  }
  try {
    if (wait === "suspending") return { wait, machine: await posix() };
    return { wait: "blocking", machine: machines.blocking(size, threads) };
  } catch (error) {
    if (!(error instanceof UnsupportedRuntime) || net === "posix" || wait === "blocking") throw error;
    return { wait: "suspending", machine: await evented() };
  }
}
