import { checkUnique } from "../../wasm/core-module.ts";
import { type CoreTypeSpace, readCoreExternType, readRecType } from "../../wasm/core-types.ts";
import type { Reader } from "../../wasm/reader.ts";
import type { CoreExternType, ModuleImport, ModuleType } from "../../wasm/types.ts";
import type { CoreTypeDef, Scope } from "./scope.ts";

/** Reads one entry of a core type section, in a component or in a type. */
export function readCoreTypeDef(reader: Reader, scope: Scope): void {
  const offset = reader.pos;
  const { interned } = scope.budget;
  if (reader.peek() === 0x50) {
    reader.byte();
    scope.coreTypes.push({ kind: "module", type: readModuleType(reader, scope) });
    return;
  }
  if (reader.peek() === 0x00) {
    reader.byte();
    if (reader.peek() !== 0x50) reader.fail("invalid leading byte for core type", offset);
  }
  const space: CoreTypeSpace = { types: spaceOf(scope.coreTypes), interned };
  const known = space.types.length;
  readRecType(reader, space);
  for (const type of space.types.slice(known)) scope.coreTypes.push(defOf(type));
}

function defOf(type: CoreTypeSpace["types"][number]): CoreTypeDef {
  return type.func === undefined ? { kind: "other", id: type.id } : { kind: "func", id: type.id, type: type.func };
}

function spaceOf(defs: readonly CoreTypeDef[]): CoreTypeSpace["types"] {
  return defs.map((def) => ({
    id: def.kind === "module" ? -1 : def.id,
    func: def.kind === "func" ? def.type : undefined,
  }));
}

/** Reads a module type, after its `0x50`. Its own type index space starts empty. */
function readModuleType(reader: Reader, scope: Scope): ModuleType {
  const space: CoreTypeSpace = { types: [], interned: scope.budget.interned };
  const imports: ModuleImport[] = [];
  const seen = new Map<string, Set<string>>();
  const exports = new Map<string, CoreExternType>();
  for (let left = reader.count("module type declaration"); left > 0; left--) {
    const offset = reader.pos;
    const opcode = reader.byte();
    switch (opcode) {
      case 0x00: {
        const item = { module: reader.name(), name: reader.name(), type: readCoreExternType(reader, space) };
        checkUnique(reader, seen, item);
        imports.push(item);
        break;
      }
      case 0x01:
        if (reader.peek() === 0x50) reader.fail("module types cannot be nested", offset);
        readRecType(reader, space);
        break;
      case 0x02:
        readOuterCoreType(reader, scope, space, offset);
        break;
      case 0x03: {
        const name = reader.name();
        if (exports.has(name)) reader.fail(`duplicate export name \`${name}\` already defined`, offset);
        exports.set(name, readCoreExternType(reader, space));
        break;
      }
      default:
        reader.fail(`invalid leading byte (0x${opcode.toString(16)}) for module type declaration`, offset);
    }
  }
  return { imports, exports };
}

/** Reads an `alias outer`. A count of 0 is the module type itself, 1 the scope around it. */
function readOuterCoreType(reader: Reader, scope: Scope, space: CoreTypeSpace, offset: number): void {
  if (reader.byte() !== 0x10) reader.fail("only types can be aliased in a module type", offset);
  if (reader.byte() !== 0x01) reader.fail("only outer aliases are allowed in a module type", offset);
  const count = reader.u32();
  const index = reader.u32();
  const types = count === 0 ? space.types : spaceOf(scope.outer(count - 1)?.coreTypes ?? []);
  const type = types[index] ?? reader.fail(`unknown type ${index}: type index out of bounds`, offset);
  if (type.id < 0) reader.fail("outer type alias to a module type is not allowed in a module type", offset);
  space.types.push(type);
}
