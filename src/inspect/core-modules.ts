import type { Component, ComponentFile } from "../component/binary/component.ts";
import { moduleBytes } from "../component/link/compiled.ts";
import { MODULE_NAME, nameSubsection } from "../wasm/name-section.ts";

/** A core module inside a component. */
export interface CoreModuleEntry {
  /** Its position: the indices of the nested components that lead to it, then its own index in the last one. */
  readonly path: readonly number[];
  /** The name in its name section. */
  readonly name: string | undefined;
  /** Its offset in the file, bytes. */
  readonly offset: number;
  readonly size: number;
}

/** Returns the core modules of a component and its nested components, in the order of the file. */
export function coreModulesOf(file: ComponentFile): CoreModuleEntry[] {
  return entries(file, file, []);
}

function entries(file: ComponentFile, { definitions }: Component, path: readonly number[]): CoreModuleEntry[] {
  let modules = 0;
  let components = 0;
  return definitions.flatMap((definition) => {
    if (definition.kind === "component") return entries(file, definition.component, [...path, components++]);
    if (definition.kind !== "core-module") return [];
    const { offset, size } = definition;
    const name = moduleName(moduleBytes(file, definition));
    return [{ path: [...path, modules++], name, offset, size }];
  });
}

/** Returns the module's own name, from its name section. */
export function moduleName(bytes: Uint8Array<ArrayBuffer>): string | undefined {
  return nameSubsection(bytes, MODULE_NAME, (content) => content.name());
}
