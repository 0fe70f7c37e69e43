import type { ComponentFile } from "../component/binary/component.ts";
import { Suspending } from "../component/link/suspending.ts";
import { SuspendingPoll } from "../core/wait/suspending-poll.ts";
import type { SuspendingMachine } from "../machine/machine.ts";
import { givingWay } from "../wasi/p2/giving-way.ts";
import { type RunOptions, runSteps, type Suspension } from "./component.ts";
import { settleAndSend } from "./settle-and-send.ts";

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
