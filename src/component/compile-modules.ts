import type { Component } from "./component.ts";

/**
 * Compiles every core module of a component, for its errors alone: instantiation does so only as it needs them.
 *
 * @throws WebAssembly.CompileError
 */
export function compileModules({ definitions }: Component): void {
  for (const definition of definitions) {
    if (definition.kind === "core-module") new WebAssembly.Module(definition.bytes);
    else if (definition.kind === "component") compileModules(definition.component);
  }
}
