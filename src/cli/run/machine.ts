/** --net and --wait: the machine that a guest runs on, and how it waits there. */

import type { Machine, SuspendingMachine } from "../../machine/machine.ts";
import type { MachineNeeds, Machines } from "../../machine/machines.ts";
import { UnsupportedRuntime } from "../../machine/unsupported-runtime.ts";
import { requireJspi } from "../../run/require-jspi.ts";
import type { Settings } from "../options/settings.ts";
import { Failure } from "../output/failure.ts";
import { UsageError } from "../output/usage-error.ts";

/** --net and --wait, as they were given, and what only one machine has. */
export type Choice = Pick<Settings, "net" | "wait" | "dirs">;

/** @throws UsageError, Failure */
export function checkChoice({ net, wait, dirs }: Choice): void {
  if (net === "evented" && wait === "blocking")
    throw new UsageError(
      "the argument '--net <FAMILY>' cannot be evented with '--wait <STRATEGY>' blocking: the runtime's own sockets need its event loop",
    );
  if (net === "evented" && dirs.length > 0)
    throw new Failure("--dir needs --net=posix: there are no directories beside the runtime's own sockets");
}

export type Chosen =
  | { readonly wait: "blocking"; readonly machine: Machine }
  | { readonly wait: "suspending"; readonly machine: SuspendingMachine };

/** What the machine is for. */
export interface Use {
  /** Whether the run may start workers. */
  readonly threads: boolean;
  readonly needs: MachineNeeds;
}

/**
 * posix + blocking where that works and nothing else is asked for, then evented + suspending, where that has all that is asked
 * for.
 *
 * @throws UnsupportedRuntime
 */
export async function chooseMachine(
  { net, wait, dirs }: Choice,
  machines: Machines,
  { threads, needs }: Use,
): Promise<Chosen> {
  if (net !== "evented" && wait !== "suspending") {
    try {
      return { wait: "blocking", machine: await machines.blocking(threads, needs) };
    } catch (error) {
      if (!(error instanceof UnsupportedRuntime) || wait === "blocking") throw error;
    }
  }
  return { wait: "suspending", machine: await chooseSuspendingMachine({ net, dirs }, machines, needs) };
}

/**
 * posix where that works and nothing else is asked for, then evented, where that has all that is asked for.
 *
 * @throws UnsupportedRuntime
 */
export async function chooseSuspendingMachine(
  { net, dirs }: Pick<Choice, "net" | "dirs">,
  { suspending }: Machines,
  needs: MachineNeeds,
): Promise<SuspendingMachine> {
  if (net !== "evented") {
    try {
      return await suspending.posix(needs);
    } catch (error) {
      if (!(error instanceof UnsupportedRuntime) || net === "posix" || dirs.length > 0) throw error;
    }
  }
  requireJspi();
  return suspending.evented();
}
