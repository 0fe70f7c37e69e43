import type { SuspendingMachine } from "./adapters/contract.ts";
import { Suspending } from "./component/suspending.ts";
import type { CoreFunction } from "./component/trampolines.ts";
import { SuspendingPoll } from "./core/suspending-poll.ts";
import type { Functions } from "./preview1/context.ts";
import { errno } from "./preview1/errno.ts";
import type { Preview1Imports } from "./preview1/imports.ts";
import { coreSignature, mayWait } from "./preview1/signatures.ts";
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
    imports(made: Preview1Imports): Preview1Imports {
      const suspendable = Object.entries(made.modules).map(([name, functions]) => [
        name,
        wrap(functions, suspending, poll),
      ]);
      return { ...made, modules: Object.fromEntries(suspendable) };
    },
  };
  return settleAndSend(moduleSteps(machine, poll, bytes, options, suspension), poll);
}

/** What waits is parked; so is what would have had to, and sched_yield, where the guest has to give way. */
function wrap(functions: Functions, suspending: Suspending, poll: SuspendingPoll): Functions {
  const wrapped = Object.entries(functions).map(([name, work]) => {
    const yields = name === "sched_yield";
    if (!mayWait.has(name) && !yields) return [name, work];
    const { park, wrap } = suspending.suspension(coreSignature(name));
    const parking: CoreFunction = (...args) => {
      const result = work(...args);
      if (result instanceof Promise) return park(result);
      const turn = yields || result === errno.EAGAIN ? poll.giveWay() : undefined;
      // Asked again: what is answered must be so now.
      return turn === undefined ? result : park(turn.then(() => work(...args)));
    };
    return [name, wrap(parking)];
  });
  return Object.fromEntries(wrapped);
}
