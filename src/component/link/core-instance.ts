import { engineWords, isOutOfMemory } from "../../wasm/engine-trap.ts";
import { LinkError } from "../../wasm/errors.ts";
import type { CoreFunction } from "../../wasm/types.ts";
import { throwOut } from "../instance/state.ts";
import type { CompiledModule } from "./items.ts";
import type { Suspending } from "./suspending.ts";

export type CoreItem = WebAssembly.ExportValue;
export type CoreExports = Readonly<Record<string, CoreItem>>;

/** A core instance, and the promise of its start function if that is suspended. */
export interface Started {
  readonly exports: CoreExports;
  readonly start: unknown;
}

/**
 * Instantiates core module number `index`. Its start function runs now.
 *
 * @param call Calls its start function, where that may be suspended
 * @param instantiated Called with its exports; before the start function where guests can be suspended
 * @throws LinkError
 */
export function instantiateModule(
  { module, start }: CompiledModule,
  index: number,
  imports: Readonly<Record<string, CoreExports>>,
  suspending: Suspending | undefined,
  instantiated: ((exports: WebAssembly.Exports) => void) | undefined,
  call: (start: CoreFunction) => unknown,
): Started {
  try {
    const { exports } = new WebAssembly.Instance(module, imports as WebAssembly.Imports);
    instantiated?.(exports);
    if (start === undefined || suspending === undefined) return { exports, start: undefined };
    const started = call(suspending.promising(exports[start] as CoreFunction));
    return { exports, start: started instanceof Promise ? started.catch(throwOut) : started };
  } catch (error) {
    if (!(error instanceof WebAssembly.LinkError || isOutOfMemory(error))) throwOut(error);
    throw new LinkError(`core module ${index}`, ["failed to instantiate a core module", engineWords(error.message)]);
  }
}
