import { ParseError } from "./errors.ts";
import type { Reader } from "./reader.ts";
import { CUSTOM_SECTION, sectionsOf } from "./sections.ts";

/** The ids of subsections of the custom section `name`. */
export const MODULE_NAME = 0;
export const FUNCTION_NAMES = 1;

/**
 * Returns what `read` finds in a subsection of a module's names. Undefined if it finds nothing, or if the subsection is missing or
 * invalid: names need not be valid.
 */
export function nameSubsection<T>(
  module: Uint8Array<ArrayBuffer>,
  subsection: number,
  read: (content: Reader) => T | undefined,
): T | undefined {
  try {
    for (const { id, content } of sectionsOf(module)) {
      if (id !== CUSTOM_SECTION || content.name() !== "name") continue;
      while (!content.atEnd) {
        const kind = content.byte();
        const names = content.part(content.u32(), "name");
        const found = kind === subsection ? read(names) : undefined;
        if (found !== undefined) return found;
      }
    }
    return undefined;
  } catch (error) {
    if (error instanceof ParseError) return undefined;
    throw error;
  }
}
