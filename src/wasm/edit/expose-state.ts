/**
 * Exports the state that the instances of a core module keep between calls, so that an instance can be put back to its initial
 * state.
 */
import { skipConstExpr } from "../core-module.ts";
import { Interned, readCoreExternType, readLimits, readRecType, skipValueType } from "../core-types.ts";
import type { Reader } from "../reader.ts";
import {
  EXPORT_SECTION,
  GLOBAL_SECTION,
  IMPORT_SECTION,
  MEMORY_SECTION,
  START_SECTION,
  sectionsOf,
  TYPE_SECTION,
} from "../sections.ts";
import { encodeName, leb128 } from "../writer.ts";
import { appended, type Edit, editSections, ownPrefix } from "./section-edits.ts";

/** The names of the exports that hold a module's state. */
export interface ExposedState {
  readonly memories: readonly string[];
  /** Only the mutable ones. */
  readonly globals: readonly string[];
}

/** The beginning of the exports' names. Apostrophes make it unique in the module, and a number follows. */
const EXPORT = "pollux.state";

const MEMORY = 2;
const GLOBAL = 3;
const MUTABLE = 1;
const PAGE = 65_536;
/** i32, i64, f32, f64: the types that a host can read and write. */
const NUMBERS: ReadonlySet<number> = new Set([0x7f, 0x7e, 0x7d, 0x7c].map((type) => type - 0x80));

/**
 * Returns the module with its own memories and mutable globals exported. Undefined if a memory is shared, is 64-bit or has pages of
 * another size, if such a global is not of a number type, or if the module has a start function, which the engine would call.
 *
 * @throws ParseError
 */
export function exposeState(
  bytes: Uint8Array<ArrayBuffer>,
): { readonly bytes: Uint8Array<ArrayBuffer>; readonly state: ExposedState } | undefined {
  const found = ownState(bytes);
  if (found === undefined) return undefined;
  const { memories, globals } = found;
  const indices = [
    ...memories.map((index) => [MEMORY, index] as const),
    ...globals.map((index) => [GLOBAL, index] as const),
  ];
  if (indices.length === 0) return { bytes, state: { memories: [], globals: [] } };
  let names: string[] = [];
  const exported = (content: Reader): Edit[] => {
    names = ownNames(content, indices.length);
    return appended(
      content,
      indices.map(([kind, index], i) => [...encodeName(names[i]!), kind, ...leb128(index)]),
    );
  };
  const edited = editSections(bytes, new Map([[EXPORT_SECTION, exported]]));
  return {
    bytes: edited,
    state: { memories: names.slice(0, memories.length), globals: names.slice(memories.length) },
  };
}

/**
 * Returns the indices of the memories and mutable globals that the module itself defines; undefined in the cases of `exposeState`.
 */
function ownState(bytes: Uint8Array<ArrayBuffer>): { memories: number[]; globals: number[] } | undefined {
  const space = { types: [], interned: new Interned() };
  const memories: number[] = [];
  const globals: number[] = [];
  let importedMemories = 0;
  let importedGlobals = 0;
  for (const { id, content } of sectionsOf(bytes)) {
    switch (id) {
      case START_SECTION:
        return undefined;
      case TYPE_SECTION:
        for (let left = content.count("type"); left > 0; left--) readRecType(content, space);
        break;
      case IMPORT_SECTION:
        for (let left = content.count("import"); left > 0; left--) {
          content.name();
          content.name();
          const { kind } = readCoreExternType(content, space);
          if (kind === "memory") importedMemories++;
          if (kind === "global") importedGlobals++;
        }
        break;
      case MEMORY_SECTION:
        for (let i = 0, count = content.count("memory"); i < count; i++) {
          const { limits, pageSize } = readLimits(content);
          if (limits.shared || limits.is64 || pageSize !== PAGE) return undefined;
          memories.push(importedMemories + i);
        }
        break;
      case GLOBAL_SECTION:
        for (let i = 0, count = content.count("global"); i < count; i++) {
          const type = skipValueType(content);
          const mutable = (content.byte() & MUTABLE) !== 0;
          skipConstExpr(content);
          if (!mutable) continue;
          if (!NUMBERS.has(type)) return undefined;
          globals.push(importedGlobals + i);
        }
        break;
    }
  }
  return { memories, globals };
}

function ownNames(exports: Reader, count: number): string[] {
  const own = ownPrefix(exports, EXPORT);
  return Array.from({ length: count }, (_, i) => `${own}${i}`);
}
