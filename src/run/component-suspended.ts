import type { CompiledComponent } from "../component/link/compiled.ts";
import { SuspendingPoll } from "../core/wait/suspending-poll.ts";
import type { SuspendingMachine } from "../machine/machine.ts";
import { yieldWhenPolled } from "../wasi/p2/yield-when-polled.ts";
import { type RunOptions, runSteps } from "./component.ts";
import { runAndFlush } from "./run-and-flush.ts";

/**
 * Runs a component as `runComponent` does, for a guest whose stack is suspended while it waits: the rest of the program
 * continues meanwhile.
 *
 * @param component compiled for suspension
 * @param poll of the machine; its `abort` ends the guest at its next wait, or in the current one
 * @throws as `runComponent`, and the reason for an abort
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
