import { readTable } from "./core-module.ts";
import { readLimits, skipValueType } from "./core-types.ts";
import {
  CODE_SECTION,
  CUSTOM_SECTION,
  EXPORT_SECTION,
  FUNCTION_SECTION,
  sectionsOf,
  TABLE_SECTION,
  TYPE_SECTION,
} from "./sections.ts";

/** What such a module may have: nothing that is made anew for an instance but a table, which is empty at first. */
const SECTIONS: ReadonlySet<number> = new Set([
  CUSTOM_SECTION,
  TYPE_SECTION,
  FUNCTION_SECTION,
  TABLE_SECTION,
  EXPORT_SECTION,
  CODE_SECTION,
]);

/**
 * How long the table is of a module that is nothing but functions and one table, as tools put between a module and what it imports
 * before that is there: all that an instance of it remembers is what others have put into the table. Undefined: it is another
 * kind of module.
 */
export function trampolineTable(bytes: Uint8Array<ArrayBuffer>): number | undefined {
  let length: number | undefined;
  for (const { id, content } of sectionsOf(bytes)) {
    if (!SECTIONS.has(id)) return undefined;
    if (id !== TABLE_SECTION) continue;
    if (content.count("table") !== 1) return undefined;
    const start = content.pos;
    // an entry with an initial value begins otherwise
    if (content.bytes[start] === 0x40) return undefined;
    length = readTable(content, () => {
      skipValueType(content);
      return readLimits(content).limits.min;
    });
  }
  return length;
}
