import { type Steps, settled } from "../../core/wait/steps.ts";
import { engineWords } from "../../wasm/engine-trap.ts";
import { LinkError } from "../../wasm/errors.ts";
import type { CoreFunction } from "../../wasm/types.ts";
import type { Definition } from "../binary/component.ts";
import type { CompiledModule, CoreModule } from "./items.ts";
import type { Suspending } from "./suspending.ts";

export type CoreItem = WebAssembly.ExportValue;
export type CoreExports = Readonly<Record<string, CoreItem>>;
export type Compile = (bytes: Uint8Array<ArrayBuffer>) => WebAssembly.Module;

/**
 * A core module that is compiled when it is first asked for, with `suspending` without its start function. What the engine
 * refuses is a LinkError with its words.
 */
export function lazyModule(
  { offset, size }: Definition & { kind: "core-module" },
  file: Uint8Array<ArrayBuffer>,
  compile: Compile,
  suspending: Suspending | undefined,
): CoreModule {
  const source = file.subarray(offset, offset + size);
  let compiled: CompiledModule | undefined;
  return {
    bytes: source,
    compiled() {
      if (compiled !== undefined) return compiled;
      try {
        const { bytes, start } = suspending?.detachStart(source) ?? { bytes: source, start: undefined };
        compiled = { module: compile(bytes), start };
        return compiled;
      } catch (error) {
        if (!(error instanceof WebAssembly.CompileError)) throw error;
        throw new LinkError(`core module at offset 0x${offset.toString(16)}`, [
          "failed to compile a core module",
          engineWords(error.message),
        ]);
      }
    },
  };
}

/** Instantiates core module number `index`; its start function runs now. */
export function* instantiateModule(
  { module, start }: CompiledModule,
  index: number,
  imports: Readonly<Record<string, CoreExports>>,
  suspending: Suspending | undefined,
): Steps<CoreExports> {
  try {
    const { exports } = new WebAssembly.Instance(module, imports as WebAssembly.Imports);
    if (start !== undefined && suspending !== undefined)
      yield* settled(suspending.promising(exports[start] as CoreFunction)());
    return exports;
  } catch (error) {
    if (!(error instanceof WebAssembly.LinkError)) throw error;
    throw new LinkError(`core module ${index}`, ["failed to instantiate a core module", engineWords(error.message)]);
  }
}
