import type { SuspendingMachine } from "./adapters/contract.ts";
import { settle } from "./component/steps.ts";
import { Suspending } from "./component/suspending.ts";
import type { CoreFunction } from "./component/trampolines.ts";
import { SuspendingPoll } from "./core/suspending-poll.ts";
import type { Functions } from "./preview1/context.ts";
import type { Preview1Imports } from "./preview1/imports.ts";
import { coreSignature, mayWait } from "./preview1/signatures.ts";
import { type ModuleOptions, moduleSteps } from "./run-module.ts";

/** `runModule` for a guest that is suspended while it waits. @throws as `runModule` */
export function runModuleSuspended(
  machine: SuspendingMachine,
  bytes: Uint8Array<ArrayBuffer>,
  options: ModuleOptions,
): Promise<number> {
  const suspending = new Suspending("marked");
  return settle(
    moduleSteps(machine, new SuspendingPoll(machine), bytes, options, {
      promising: suspending.promising,
      imports({ modules, memory }: Preview1Imports): Preview1Imports {
        const suspendable = Object.entries(modules).map(([name, functions]) => [name, wrap(functions, suspending)]);
        return { modules: Object.fromEntries(suspendable), memory };
      },
    }),
  );
}

function wrap(functions: Functions, suspending: Suspending): Functions {
  const wrapped = Object.entries(functions).map(([name, work]) => {
    if (!mayWait.has(name)) return [name, work];
    const { park, wrap } = suspending.suspension(coreSignature(name));
    const parking: CoreFunction = (...args) => {
      const result = work(...args);
      return result instanceof Promise ? park(result) : result;
    };
    return [name, wrap(parking)];
  });
  return Object.fromEntries(wrapped);
}
