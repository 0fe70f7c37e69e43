import { readCoreModuleType } from "../core-module.ts";
import { Interned, readLimits } from "../core-types.ts";
import { Reader } from "../reader.ts";
import { IMPORT_SECTION, MEMORY_SECTION, sectionsOf } from "../sections.ts";
import { encodeName, leb128 } from "../splice.ts";
import { appended, type Edit, editSections } from "./section-edits.ts";

/** A memory that a module imports in the place of its own. */
export interface ImportedMemory {
  /** By what it is imported. */
  readonly module: string;
  readonly name: string;
  /** pages of 64 KiB */
  readonly initial: number;
  readonly maximum: number | undefined;
}

const MEMORY = 2;

/**
 * A core module that imports its memory instead of defining it, so that instances one after another can have the same one; it is
 * their memory number 0 as before. Undefined: it has none, or several, or another kind of memory than most.
 */
export function importMemory(
  bytes: Uint8Array<ArrayBuffer>,
): { readonly bytes: Uint8Array<ArrayBuffer>; readonly memory: ImportedMemory } | undefined {
  const own = ownMemory(bytes);
  if (own === undefined) return undefined;
  const { imports } = readCoreModuleType(new Reader(bytes), new Interned(), false);
  if (imports.some(({ type }) => type.kind === "memory")) return undefined;
  let module = "pollux.memory";
  while (imports.some((each) => each.module === module)) module += "'";
  const name = "memory";
  const { min, max } = own;
  const limits = max === undefined ? [0, ...leb128(min)] : [1, ...leb128(min), ...leb128(max)];
  const entry = [...encodeName(module), ...encodeName(name), MEMORY, ...limits];
  const imported = (content: Reader): Edit[] => appended(content, [entry]);
  return {
    bytes: editSections(bytes, new Map([[IMPORT_SECTION, imported]]), MEMORY_SECTION),
    memory: { module, name, initial: min, maximum: max },
  };
}

function ownMemory(bytes: Uint8Array<ArrayBuffer>): { min: number; max: number | undefined } | undefined {
  for (const { id, content } of sectionsOf(bytes)) {
    if (id !== MEMORY_SECTION) continue;
    if (content.count("memory") !== 1) return undefined;
    const { limits, pageSize } = readLimits(content);
    return limits.shared || limits.is64 || pageSize !== 65536 ? undefined : limits;
  }
  return undefined;
}
