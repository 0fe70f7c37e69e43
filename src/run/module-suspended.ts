import { SuspendingPoll } from "../core/wait/suspending-poll.ts";
import type { SuspendingMachine } from "../machine/machine.ts";
import { errno } from "../wasi/p1/abi/errno.ts";
import { coreSignature, mayWait } from "../wasi/p1/abi/signatures.ts";
import type { Preview1Function } from "../wasi/p1/context.ts";
import { wrapFunctions } from "../wasi/p1/wrap-functions.ts";
import { detachStart } from "../wasm/edit/detach-start.ts";
import { promising, suspension } from "../wasm/jspi.ts";
import type { CoreFunction } from "../wasm/types.ts";
import { type ModuleOptions, type ModuleSource, type ModuleSuspension, moduleSteps } from "./module.ts";
import { runAndFlush } from "./run-and-flush.ts";

/**
 * `runModule` for a guest that is suspended while it waits.
 *
 * @param poll Of the machine. Its `abort` ends the guest, at its next wait at the latest.
 * @throws as `runModule`, and the reason that it was aborted for
 */
export async function runModuleSuspended(
  machine: SuspendingMachine,
  source: ModuleSource,
  options: ModuleOptions,
  poll = new SuspendingPoll(machine),
): Promise<number> {
  const calls: ModuleSuspension = {
    promising,
    detachStart,
    suspended: (work) => new WebAssembly.Suspending(work) as never,
    imports: (made) => wrapFunctions(made, (call, name) => suspendedCall(call, name, poll)),
  };
  return runAndFlush(moduleSteps(machine, poll, source, options, calls), poll);
}

/**
 * Wraps an import. It suspends the guest while a call waits, and yields to the event loop when a turn is due: in calls
 * that could have waited, and in sched_yield.
 */
function suspendedCall(work: Preview1Function, name: string, poll: SuspendingPoll): (...args: never[]) => unknown {
  const yields = name === "sched_yield";
  if (!mayWait(name) && !yields) return work;
  const suspended = suspension(coreSignature(name));
  const suspending: CoreFunction = (...args) => {
    const result = work(...args);
    if (result instanceof Promise) return suspended.suspendUntil(result);
    const turn = yields || result === errno.EAGAIN ? poll.yieldTurn() : undefined;
    // Called again, so that its result is up to date.
    return turn === undefined ? result : suspended.suspendUntil(turn.then(() => work(...args)));
  };
  return suspended.wrap(suspending);
}
