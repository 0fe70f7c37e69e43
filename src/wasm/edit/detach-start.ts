import type { Reader } from "../reader.ts";
import { EXPORT_SECTION, START_SECTION, sectionsOf } from "../sections.ts";
import { encodeName, leb128 } from "../splice.ts";
import { appended, type Edit, editSections, ownPrefix } from "./section-edits.ts";

export interface Detached {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The name that the start function is exported by; undefined: there is none. */
  readonly start: string | undefined;
}

/**
 * A core module whose start function is an export instead, to be called once it is instantiated: the engine calls start
 * functions where they cannot be suspended. Nothing else of instantiation comes after them, so no guest can tell.
 */
export function detachStart(bytes: Uint8Array<ArrayBuffer>): Detached {
  const start = findStart(bytes);
  if (start === undefined) return { bytes, start: undefined };
  let name = "start";
  const exported = (exports: Reader): Edit[] => {
    name = ownPrefix(exports, name);
    return appended(exports, [[...encodeName(name), 0, ...leb128(start)]]);
  };
  const detached = editSections(bytes, new Map([[EXPORT_SECTION, exported]]), START_SECTION);
  return { bytes: detached, start: name };
}

function findStart(bytes: Uint8Array<ArrayBuffer>): number | undefined {
  for (const { id, content } of sectionsOf(bytes)) if (id === START_SECTION) return content.u32();
  return undefined;
}
