import { readTable } from "./core-module.ts";
import { Interned, readCoreExternType, readLimits, readRecType, skipValueType } from "./core-types.ts";
import { Reader } from "./reader.ts";
import {
  FUNCTION_SECTION,
  GLOBAL_SECTION,
  IMPORT_SECTION,
  MEMORY_SECTION,
  sectionsOf,
  TABLE_SECTION,
  TYPE_SECTION,
} from "./sections.ts";

/** The type of a memory or table, as far as growing depends on it: whether its sizes are i64, and a table's element type. */
export interface Growable {
  readonly is64: boolean;
  readonly element?: Uint8Array;
}

/** The index spaces of a module: the number of entries in each, before anything is added. */
export interface Spaces {
  types: number;
  functions: number;
  /** The number of imported functions, which come first in the index space. */
  importedFunctions: number;
  globals: number;
  readonly tables: Growable[];
  readonly memories: Growable[];
}

/** Counts the entries of a module's index spaces. @throws ParseError */
export function spacesOf(bytes: Uint8Array<ArrayBuffer>): Spaces {
  const space = { types: [], interned: new Interned() };
  const spaces: Spaces = { types: 0, functions: 0, importedFunctions: 0, globals: 0, tables: [], memories: [] };
  for (const { id, content } of sectionsOf(bytes)) {
    if (id === TYPE_SECTION) for (let left = content.count("type"); left > 0; left--) readRecType(content, space);
    if (id === IMPORT_SECTION) {
      for (let left = content.count("import"); left > 0; left--) {
        content.name();
        content.name();
        const from = new Reader(bytes, content.pos + 1, content.end);
        const type = readCoreExternType(content, space);
        if (type.kind === "func") spaces.importedFunctions = ++spaces.functions;
        if (type.kind === "global") spaces.globals++;
        if (type.kind === "memory") spaces.memories.push({ is64: type.limits.is64 });
        if (type.kind === "table") spaces.tables.push({ is64: type.limits.is64, element: valueType(from) });
      }
    }
    if (id === FUNCTION_SECTION) spaces.functions += content.u32();
    if (id === TABLE_SECTION) {
      for (let left = content.count("table"); left > 0; left--) {
        const table = readTable(content, () => ({
          element: valueType(content),
          is64: readLimits(content).limits.is64,
        }));
        spaces.tables.push(table);
      }
    }
    if (id === MEMORY_SECTION)
      for (let left = content.count("memory"); left > 0; left--)
        spaces.memories.push({ is64: readLimits(content).limits.is64 });
    if (id === GLOBAL_SECTION) spaces.globals += content.u32();
  }
  spaces.types = space.types.length;
  return spaces;
}

/** Steps over a value type and returns its bytes. */
function valueType(reader: Reader): Uint8Array {
  const start = reader.pos;
  skipValueType(reader);
  return reader.bytes.subarray(start, reader.pos);
}
