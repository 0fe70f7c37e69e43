import {
  type CoreTypeSpace,
  type Interned,
  readCoreExternType,
  readFuncTypeIndex,
  readGlobalType,
  readMemoryType,
  readRecType,
  readTableType,
  readTagType,
} from "./core-types.ts";
import type { Reader } from "./reader.ts";
import { readSections } from "./sections.ts";
import type { CoreExternType, CoreFuncType, ModuleImport, ModuleType } from "./types.ts";

/**
 * Reads the imports and exports of a core module. Other sections are read only as far as those need them: validation is the
 * engine's part.
 */
export function readCoreModuleType(reader: Reader, interned: Interned, inComponent = true): ModuleType {
  const space: CoreTypeSpace = { types: [], interned };
  const imports: ModuleImport[] = [];
  const exports = new Map<string, CoreExternType>();
  const funcs: CoreFuncType[] = [];
  const tables: CoreExternType[] = [];
  const memories: CoreExternType[] = [];
  const globals: CoreExternType[] = [];
  const tags: CoreExternType[] = [];
  const seen = new Map<string, Set<string>>();
  const add = (type: CoreExternType): void => {
    if (type.kind === "func") funcs.push(type.type);
    else if (type.kind === "table") tables.push(type);
    else if (type.kind === "memory") memories.push(type);
    else if (type.kind === "global") globals.push(type);
    else tags.push(type);
  };
  for (const { id, content: section } of readSections(reader)) {
    switch (id) {
      case 1:
        for (let left = section.count("type"); left > 0; left--) readRecType(section, space);
        break;
      case 2:
        for (let left = countOf(section, "import", imports.length, namesLimit); left > 0; left--) {
          const start = section.pos;
          const item = { module: section.name(), name: section.name(), type: readCoreExternType(section, space) };
          if (inComponent) checkUnique(section, seen, item);
          imports.push(item);
          add(item.type);
          within(section, tables.length, tablesLimit, start);
          within(section, memories.length, memoriesLimit, start);
        }
        break;
      case 3:
        for (let left = section.count("function"); left > 0; left--) funcs.push(readFuncTypeIndex(section, space));
        break;
      case 4:
        for (let left = countOf(section, "table", tables.length, tablesLimit); left > 0; left--) {
          tables.push(readTable(section, () => readTableType(section, space)));
        }
        break;
      case 5:
        for (let left = countOf(section, "memory", memories.length, memoriesLimit); left > 0; left--)
          memories.push(readMemoryType(section));
        break;
      case 6:
        for (let left = section.count("global"); left > 0; left--) {
          globals.push(readGlobalType(section, space));
          skipConstExpr(section);
        }
        break;
      case 7:
        for (let left = countOf(section, "export", imports.length, namesLimit); left > 0; left--) {
          const name = section.name();
          const offset = section.pos;
          const kind = section.byte();
          const index = section.u32();
          const func = kind === 0x00 ? funcs[index] : undefined;
          const space = [undefined, tables, memories, globals, tags][kind];
          const type: CoreExternType | undefined = func === undefined ? space?.[index] : { kind: "func", type: func };
          if (type === undefined) return section.fail(`export \`${name}\` of the core module is unknown`, offset);
          exports.set(name, type);
        }
        break;
      case 13:
        for (let left = section.count("tag"); left > 0; left--) tags.push(readTagType(section, space));
        break;
    }
  }
  return { imports, exports };
}

/** The most entries of a kind that a module may have, and wasmtime's message for more. */
interface CountLimit {
  readonly most: number;
  readonly words: string;
}

const tablesLimit: CountLimit = { most: 100, words: "tables count exceeds limit of 100" };
const memoriesLimit: CountLimit = { most: 100, words: "memories count exceeds limit of 100" };
/** The limit of imports and exports. Each adds 2 or more to the size of the module's type. */
const namesLimit: CountLimit = { most: 499_999, words: "effective type size exceeds the limit of 1000000" };

/** Reads the number of a section's items, which follow `before` others of the kind. */
function countOf(section: Reader, what: string, before: number, limit: CountLimit): number {
  const start = section.pos;
  const count = section.count(what);
  within(section, before + count, limit, start);
  return count;
}

function within(section: Reader, count: number, { most, words }: CountLimit, offset: number): void {
  if (count > most) section.fail(words, offset);
}

/** Throws if the module has two imports of one name, which a component cannot tell apart. */
export function checkUnique(reader: Reader, seen: Map<string, Set<string>>, { module, name }: ModuleImport): void {
  const names = seen.get(module);
  if (names === undefined) seen.set(module, new Set([name]));
  else if (names.has(name)) reader.fail(`duplicate import name \`${module}:${name}\``);
  else names.add(name);
}

/** Reads an entry of the table section: its type, by `readType`, and the initializer around it, if it has one. */
export function readTable<T>(section: Reader, readType: () => T): T {
  const initialized = section.peek() === 0x40;
  if (initialized) section.skip(2);
  const type = readType();
  if (initialized) skipConstExpr(section);
  return type;
}

/** Steps over a constant expression. It knows the instructions that may stand in one, with their immediates. */
export function skipConstExpr(reader: Reader): void {
  for (;;) {
    const offset = reader.pos;
    const opcode = reader.byte();
    switch (opcode) {
      case 0x0b:
        return;
      case 0x41:
        reader.skipSigned(32);
        break;
      case 0x42:
        reader.skipSigned(64);
        break;
      case 0x43:
        reader.skip(4);
        break;
      case 0x44:
        reader.skip(8);
        break;
      case 0x23:
      case 0xd2:
        reader.u32();
        break;
      case 0xd0:
        reader.s33();
        break;
      case 0x6a:
      case 0x6b:
      case 0x6c:
      case 0x7c:
      case 0x7d:
      case 0x7e:
        break;
      case 0xfb:
        skipGcInstruction(reader);
        break;
      case 0xfd:
        if (reader.u32() !== 12) reader.fail("constant expression required: non-constant operator", offset);
        reader.skip(16);
        break;
      default:
        reader.fail("constant expression required: non-constant operator", offset);
    }
  }
}

function skipGcInstruction(reader: Reader): void {
  const offset = reader.pos;
  const opcode = reader.u32();
  switch (opcode) {
    case 0: // struct.new
    case 1: // struct.new_default
    case 6: // array.new
    case 7: // array.new_default
      reader.u32();
      return;
    case 8: // array.new_fixed
      reader.u32();
      reader.u32();
      return;
    case 26: // any.convert_extern
    case 27: // extern.convert_any
    case 28: // ref.i31
      return;
    default:
      reader.fail("constant expression required: non-constant operator", offset);
  }
}
