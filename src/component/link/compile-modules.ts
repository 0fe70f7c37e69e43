import { compile } from "../../wasm/compile.ts";
import type { ComponentFile } from "../binary/component.ts";
import { coreModules, moduleBytes } from "./compiled.ts";

/**
 * Compiles every core module of a component, only for its errors: instantiation compiles them on demand.
 *
 * @throws WebAssembly.CompileError
 */
export function compileModules(file: ComponentFile): void {
  for (const module of coreModules(file)) compile(moduleBytes(file, module));
}
