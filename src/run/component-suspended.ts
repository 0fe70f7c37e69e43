import type { CompiledComponent } from "../component/link/compiled.ts";
import { SuspendingPoll } from "../core/wait/suspending-poll.ts";
import type { SuspendingMachine } from "../machine/machine.ts";
import { yieldWhenPolled } from "../wasi/p2/yield-when-polled.ts";
import { type RunOptions, runSteps } from "./component.ts";
import { runAndFlush } from "./run-and-flush.ts";

/**
 * `runComponent` for a guest that is suspended while it waits: everything else in the program goes on meanwhile.
 *
 * @param component Compiled for that
 * @param poll Of the machine. Its `abort` ends the guest, at its next wait at the latest.
 * @throws as `runComponent`, and the reason that it was aborted for
 */
export async function runSuspended(
  machine: SuspendingMachine,
  component: CompiledComponent,
  options: RunOptions,
  poll = new SuspendingPoll(machine),
): Promise<number> {
  return runAndFlush(
    runSteps(machine, poll, component, options, (made) => yieldWhenPolled(made, poll)),
    poll,
  );
}
