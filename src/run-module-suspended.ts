import type { SuspendingMachine } from "./adapters/contract.ts";
import { Suspending } from "./component/suspending.ts";
import type { CoreFunction } from "./component/trampolines.ts";
import { SuspendingPoll } from "./core/suspending-poll.ts";
import { errno } from "./preview1/errno.ts";
import { coreSignature, mayWait } from "./preview1/signatures.ts";
import { type Preview1Function, wrapFunctions } from "./preview1/wrap-functions.ts";
import { type ModuleOptions, type ModuleSuspension, moduleSteps } from "./run-module.ts";
import { settleAndSend } from "./settle-and-send.ts";

/** `runModule` for a guest that is suspended while it waits. @throws as `runModule` */
export async function runModuleSuspended(
  machine: SuspendingMachine,
  bytes: Uint8Array<ArrayBuffer>,
  options: ModuleOptions,
): Promise<number> {
  const suspending = new Suspending("marked");
  const poll = new SuspendingPoll(machine);
  const suspension: ModuleSuspension = {
    promising: suspending.promising,
    detachStart: suspending.detachStart,
    suspended: (work) => new WebAssembly.Suspending(work) as never,
    imports: (made) => wrapFunctions(made, (call, name) => parking(call, name, suspending, poll)),
  };
  return settleAndSend(moduleSteps(machine, poll, bytes, options, suspension), poll);
}

/** What waits is parked; so is what would have had to, and sched_yield, where the guest has to give way. */
function parking(
  work: Preview1Function,
  name: string,
  suspending: Suspending,
  poll: SuspendingPoll,
): (...args: never[]) => unknown {
  const yields = name === "sched_yield";
  if (!mayWait.has(name) && !yields) return work;
  const { park, wrap } = suspending.suspension(coreSignature(name));
  const parked: CoreFunction = (...args) => {
    const result = work(...args);
    if (result instanceof Promise) return park(result);
    const turn = yields || result === errno.EAGAIN ? poll.giveWay() : undefined;
    // Asked again: what is answered must be so now.
    return turn === undefined ? result : park(turn.then(() => work(...args)));
  };
  return wrap(parked);
}
