import type { Reader } from "../../wasm/reader.ts";
import type { CoreExternType } from "../../wasm/types.ts";
import type { ExternType } from "../types/types.ts";
import type { CoreSort, Sort } from "./component.ts";
import { entry, type Scope } from "./scope.ts";

const coreSorts: ReadonlyMap<number, CoreSort> = new Map([
  [0x00, "func"],
  [0x01, "table"],
  [0x02, "memory"],
  [0x03, "global"],
  [0x04, "tag"],
  [0x10, "type"],
  [0x11, "module"],
  [0x12, "instance"],
]);

export function readCoreSort(reader: Reader): CoreSort {
  const offset = reader.pos;
  const byte = reader.byte();
  return coreSorts.get(byte) ?? reader.fail(`invalid leading byte (0x${byte.toString(16)}) for core sort`, offset);
}

export function readSort(reader: Reader): Sort {
  const offset = reader.pos;
  const byte = reader.byte();
  switch (byte) {
    case 0x00:
      if (readCoreSort(reader) !== "module") reader.fail("only modules of the core sorts are allowed here", offset);
      return "module";
    case 0x01:
      return "func";
    case 0x02:
      return reader.fail("component values are not supported", offset);
    case 0x03:
      return "type";
    case 0x04:
      return "component";
    case 0x05:
      return "instance";
    default:
      return reader.fail(`invalid leading byte (0x${byte.toString(16)}) for component external kind`, offset);
  }
}

export function coreExtern(
  reader: Reader,
  scope: Scope,
  sort: CoreSort,
  index: number,
  offset: number,
): CoreExternType {
  const find = <T>(space: readonly T[]): T => entry(space, index, `core ${sort}`, reader, offset);
  switch (sort) {
    case "func":
      return { kind: "func", type: find(scope.coreFuncs) };
    case "table":
      return find(scope.coreTables);
    case "memory":
      return find(scope.coreMemories);
    case "global":
      return find(scope.coreGlobals);
    case "tag":
      return find(scope.coreTags);
    default:
      return reader.fail(`a core ${sort} cannot be exported from a core instance`, offset);
  }
}

/** Adds an entry to the core index space of its kind. */
export function addCore(scope: Scope, type: CoreExternType): void {
  switch (type.kind) {
    case "func":
      scope.coreFuncs.push(type.type);
      return;
    case "table":
      scope.coreTables.push(type);
      return;
    case "memory":
      scope.coreMemories.push(type);
      return;
    case "global":
      scope.coreGlobals.push(type);
      return;
    case "tag":
      scope.coreTags.push(type);
  }
}

/** Returns the type of the item that a reference names. */
export function extern(reader: Reader, scope: Scope, sort: Sort, index: number, offset: number): ExternType {
  const find = <T>(space: readonly T[]): T => entry(space, index, sort, reader, offset);
  switch (sort) {
    case "func":
      return { kind: "func", type: entry(scope.funcs, index, "function", reader, offset) };
    case "type":
      return { kind: "type", type: find(scope.types) };
    case "instance":
      return { kind: "instance", type: find(scope.instances) };
    case "component":
      return { kind: "component", type: find(scope.components) };
    case "module":
      return { kind: "module", type: find(scope.coreModules) };
    case "value":
      return reader.fail("component values are not supported", offset);
  }
}

/** Adds an entry to the index space of its kind. */
export function add(scope: Scope, type: ExternType): void {
  switch (type.kind) {
    case "func":
      scope.funcs.push(type.type);
      return;
    case "type":
      scope.types.push(type.type);
      return;
    case "instance":
      scope.instances.push(type.type);
      return;
    case "component":
      scope.components.push(type.type);
      return;
    case "module":
      scope.coreModules.push(type.type);
  }
}
