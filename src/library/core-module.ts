/** Core modules, as `run` takes them in the place of components. Loaded only for one. */
import type { SuspendingPoll } from "../core/wait/suspending-poll.ts";
import type { Machine, SuspendingMachine } from "../machine/machine.ts";
import { InvokeError, type ModuleOptions, runModule } from "../run/module.ts";
import { type CompiledModule, compileModule } from "../run/module-linker.ts";
import type { GuestOptions } from "../run/options.ts";
import { requireJspi } from "../run/require-jspi.ts";
import { ModuleLinkError } from "../wasi/p1/import-check.ts";
import { engineWords } from "../wasm/engine-trap.ts";
import { LinkError } from "../wasm/errors.ts";
import { limitModule } from "../wasm/limits/limit-module.ts";
import { type Limits, moduleLimits } from "./limits.ts";
import type { Wait } from "./wait.ts";

/** Compiles a core module. @throws LinkError if the engine refuses it; LimitError if it asks for more from the start than it may have */
export async function compileCore(bytes: Uint8Array<ArrayBuffer>, wait: Wait, limits: Limits): Promise<CompiledModule> {
  if (wait === "suspending") requireJspi();
  const suspension = wait === "blocking" ? undefined : await import("../wasm/edit/detach-start.ts");
  return linking(async () => compileModule(limitModule(bytes, moduleLimits(limits)), {}, suspension));
}

/** Runs a core module that blocks, and returns its exit status. @throws LinkError, Trap */
export function runCoreBlocking(machine: Machine, module: CompiledModule, given: GuestOptions): Promise<number> {
  return linking(async () => runModule(machine, module, moduleOptions(given)));
}

/** The same of one that is suspended while it waits. `poll.abort` ends it. */
export async function runCoreSuspended(
  machine: SuspendingMachine,
  module: CompiledModule,
  given: GuestOptions,
  poll: SuspendingPoll,
): Promise<number> {
  const { runModuleSuspended } = await import("../run/module-suspended.ts");
  return linking(() => runModuleSuspended(machine, module, moduleOptions(given), poll));
}

/** Returns the options of a run without anything of the command line's. */
function moduleOptions(given: GuestOptions): ModuleOptions {
  return {
    ...given,
    listeners: () => [],
    unstable: true,
    invoke: {
      name: undefined,
      arguments({ params }) {
        if (params.length > 0) throw new InvokeError("its `_start` takes arguments, which no command has");
        return [];
      },
      results() {},
    },
  };
}

/** Rethrows the errors of core modules that cannot run as a LinkError, as components have it. */
async function linking<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ModuleLinkError || error instanceof InvokeError)
      throw new LinkError("core module", error.causes);
    if (!(error instanceof WebAssembly.CompileError)) throw error;
    throw new LinkError("core module", ["failed to compile a core module", engineWords(error.message)]);
  }
}
