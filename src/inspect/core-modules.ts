import type { Component, ComponentFile } from "../component/binary/component.ts";
import { moduleBytes } from "../component/link/compiled.ts";
import { ParseError } from "../wasm/errors.ts";
import { Reader } from "../wasm/reader.ts";

/** A core module inside a component. */
export interface CoreModuleEntry {
  /** Where it stands: the indices of the nested components that lead to it, and its own in the last of them. */
  readonly path: readonly number[];
  /** From its name section. */
  readonly name: string | undefined;
  /** In the file, bytes. */
  readonly offset: number;
  readonly size: number;
}

/** The core modules of a component and of those nested in it, in the order of the file. */
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

/** The module's own name: subsection 0 of its custom section `name`, which says nothing that must be valid. */
export function moduleName(bytes: Uint8Array<ArrayBuffer>): string | undefined {
  try {
    const reader = new Reader(bytes, 8);
    while (!reader.atEnd) {
      const id = reader.byte();
      const section = reader.part(reader.u32(), "section");
      if (id === 0 && section.name() === "name" && !section.atEnd && section.byte() === 0) {
        return section.part(section.u32(), "name").name();
      }
    }
    return undefined;
  } catch (error) {
    if (error instanceof ParseError) return undefined;
    throw error;
  }
}
