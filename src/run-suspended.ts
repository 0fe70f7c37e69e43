import type { SuspendingMachine } from "./adapters/contract.ts";
import type { ComponentFile } from "./component/component.ts";
import { Suspending } from "./component/suspending.ts";
import { SuspendingPoll } from "./core/suspending-poll.ts";
import { type RunOptions, runSteps, type Suspension } from "./run.ts";
import { settleAndSend } from "./settle-and-send.ts";
import { givingWay } from "./wasi/giving-way.ts";

/**
 * `runComponent` for a guest that is suspended while it waits: everything else in the program goes on meanwhile.
 *
 * @param poll Of the machine. Its `abort` ends the guest, at its next wait at the latest.
 * @throws as `runComponent`, and the reason that it was aborted for
 */
export async function runSuspended(
  machine: SuspendingMachine,
  component: ComponentFile,
  options: RunOptions,
  poll = new SuspendingPoll(machine),
): Promise<number> {
  const suspension: Suspension = {
    suspending: new Suspending("marked"),
    imports: (made) => givingWay(made, poll),
  };
  return settleAndSend(runSteps(machine, poll, component, options, suspension), poll);
}
