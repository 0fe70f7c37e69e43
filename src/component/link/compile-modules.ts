import { compile } from "../../wasm/compile.ts";
import type { Component, ComponentFile, Definition } from "../binary/component.ts";

/** The core modules of a component and of those nested in it, in the order of the file. */
export function* coreModules({ definitions }: Component): Generator<Definition & { kind: "core-module" }> {
  for (const definition of definitions) {
    if (definition.kind === "core-module") yield definition;
    else if (definition.kind === "component") yield* coreModules(definition.component);
  }
}

/**
 * Compiles every core module of a component, for its errors alone: instantiation does so only as it needs them.
 *
 * @throws WebAssembly.CompileError
 */
export function compileModules(file: ComponentFile): void {
  for (const { offset, size } of coreModules(file)) compile(file.bytes.subarray(offset, offset + size));
}
