import { SuspendingPoll } from "../core/wait/suspending-poll.ts";
import type { SuspendingMachine } from "../machine/machine.ts";
import { errno } from "../wasi/p1/abi/errno.ts";
import { coreSignature, mayWait } from "../wasi/p1/abi/signatures.ts";
import type { Preview1Function } from "../wasi/p1/context.ts";
import { wrapFunctions } from "../wasi/p1/wrap-functions.ts";
import { detachStart } from "../wasm/edit/detach-start.ts";
import { promising, suspension } from "../wasm/jspi.ts";
import type { CoreFunction } from "../wasm/types.ts";
import { type ModuleOptions, type ModuleSuspension, moduleSteps } from "./module.ts";
import { runAndFlush } from "./run-and-flush.ts";

/** `runModule` for a guest that is suspended while it waits. @throws as `runModule` */
export async function runModuleSuspended(
  machine: SuspendingMachine,
  bytes: Uint8Array<ArrayBuffer>,
  options: ModuleOptions,
): Promise<number> {
  const poll = new SuspendingPoll(machine);
  const calls: ModuleSuspension = {
    promising,
    detachStart,
    suspended: (work) => new WebAssembly.Suspending(work) as never,
    imports: (made) => wrapFunctions(made, (call, name) => suspendedCall(call, name, poll)),
  };
  return runAndFlush(moduleSteps(machine, poll, bytes, options, calls), poll);
}

/** Suspends the guest in calls that wait; and in those that would have had to, and in sched_yield, when the event loop's turn is due. */
function suspendedCall(work: Preview1Function, name: string, poll: SuspendingPoll): (...args: never[]) => unknown {
  const yields = name === "sched_yield";
  if (!mayWait(name) && !yields) return work;
  const suspended = suspension(coreSignature(name));
  const suspending: CoreFunction = (...args) => {
    const result = work(...args);
    if (result instanceof Promise) return suspended.suspendUntil(result);
    const turn = yields || result === errno.EAGAIN ? poll.yieldTurn() : undefined;
    // Asked again: what is answered must be so now.
    return turn === undefined ? result : suspended.suspendUntil(turn.then(() => work(...args)));
  };
  return suspended.wrap(suspending);
}
