import type { Definition } from "./component.ts";
import { LinkError } from "./errors.ts";
import type { CoreModule } from "./items.ts";

export type CoreItem = WebAssembly.ExportValue;
export type CoreExports = Readonly<Record<string, CoreItem>>;
export type Compile = (bytes: Uint8Array<ArrayBuffer>) => WebAssembly.Module;

/** A core module that is compiled when it is first asked for. What the engine refuses is a LinkError with its words. */
export function lazyModule(definition: Definition & { kind: "core-module" }, compile: Compile): CoreModule {
  let module: WebAssembly.Module | undefined;
  return {
    bytes: definition.bytes,
    compiled() {
      try {
        module ??= compile(definition.bytes);
        return module;
      } catch (error) {
        if (!(error instanceof WebAssembly.CompileError)) throw error;
        throw new LinkError(`core module at offset 0x${definition.offset.toString(16)}`, [
          "failed to compile a core module",
          error.message,
        ]);
      }
    },
  };
}

/** Instantiates core module number `index`; its start function runs now. */
export function instantiateModule(
  module: CoreModule,
  index: number,
  imports: Readonly<Record<string, CoreExports>>,
): CoreExports {
  const compiled = module.compiled();
  try {
    return new WebAssembly.Instance(compiled, imports as WebAssembly.Imports).exports;
  } catch (error) {
    if (!(error instanceof WebAssembly.LinkError)) throw error;
    throw new LinkError(`core module ${index}`, ["failed to instantiate a core module", error.message]);
  }
}
