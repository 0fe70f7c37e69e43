import { compile } from "../../wasm/compile.ts";
import type { ComponentFile } from "../binary/component.ts";
import { coreModules, moduleBytes } from "./compiled.ts";

/**
 * Compiles every core module of a component, for its errors alone: instantiation does so only as it needs them.
 *
 * @throws WebAssembly.CompileError
 */
export function compileModules(file: ComponentFile): void {
  for (const module of coreModules(file)) compile(moduleBytes(file, module));
}
