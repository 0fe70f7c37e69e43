import type { Reader } from "../reader.ts";
import { EXPORT_SECTION, START_SECTION, sectionsOf } from "../sections.ts";
import { encodeName, leb128 } from "../writer.ts";
import { appended, type Edit, editSections, ownPrefix } from "./section-edits.ts";

export interface Detached {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The name of the export that is the start function; undefined if there is none. */
  readonly start: string | undefined;
}

/**
 * Returns a core module whose start function is an export instead, to be called after instantiation: the engine calls start
 * functions where they cannot be suspended. The start function is the last step of an instantiation, so no guest can tell the
 * difference.
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
