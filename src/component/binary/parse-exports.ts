import type { Reader } from "../../wasm/reader.ts";
import { Subtyping } from "../types/subtype.ts";
import type { ExternType } from "../types/types.ts";
import { renamed } from "../types/visibility.ts";
import type { Argument, Definition } from "./component.ts";
import { type Described, declare, readExternType } from "./declare.ts";
import { addExtern, type ExternNameRead, readExternName } from "./externs.ts";
import type { Scope } from "./scope.ts";
import { add, extern, readSort } from "./sorts.ts";

export interface NamedItem {
  readonly name: ExternNameRead;
  readonly item: Argument;
  readonly type: ExternType;
}

/** A name and the item that it is given to. */
export function readNamedItem(reader: Reader, scope: Scope): NamedItem {
  const name = readExternName(reader);
  return { name, ...readItem(reader, scope, name.name) };
}

/** Reads a sort and an index. Returns the item and its type. */
export function readItem(reader: Reader, scope: Scope, name: string): { item: Argument; type: ExternType } {
  const offset = reader.pos;
  const sort = readSort(reader);
  const index = reader.u32();
  const type = extern(reader, scope, sort, index, offset);
  const resource = type.kind === "type" && type.type.kind === "resource" ? type.type.resource : undefined;
  return { item: { name, sort, index, resource }, type };
}

/** Reads one entry of an export section. */
export function readExport(reader: Reader, scope: Scope): Definition {
  const offset = reader.pos;
  const { name, item, type } = readNamedItem(reader, scope);
  const ascribed = reader.flag("export type") ? readExternType(reader, scope) : undefined;
  if (ascribed !== undefined) checkAscribed(reader, scope, type, ascribed, offset);
  const exported = exportedAs(scope, type, ascribed, reader);
  leave(scope, exported);
  addExtern(reader, scope, "export", name, exported, offset);
  return { kind: "export", ...item, type: exported };
}

function checkAscribed(reader: Reader, scope: Scope, type: ExternType, ascribed: Described, offset: number): void {
  const isResource = type.kind === "type" && type.type.kind === "resource";
  const why =
    ascribed.kind === "sub resource"
      ? isResource
        ? undefined
        : "expected resource"
      : new Subtyping(scope.spender(reader)).extern(type, ascribed);
  if (why !== undefined) reader.fail(`ascribed type of export is not compatible with item's type: ${why}`, offset);
}

/** Adds the exported item to its index space, with its new type. Returns that type. */
function exportedAs(scope: Scope, type: ExternType, ascribed: Described | undefined, reader: Reader): ExternType {
  if (ascribed !== undefined) return declare(scope, ascribed, "export", reader);
  const exported: ExternType = type.kind === "type" ? { kind: "type", type: renamed(type.type) } : type;
  add(scope, exported);
  return exported;
}

/** Marks the resources that this component defines and exports as part of its type. */
function leave(scope: Scope, type: ExternType): void {
  if (type.kind === "type" && type.type.kind === "resource") {
    const { root } = type.type.resource;
    if (scope.localResources.delete(root)) scope.definedResources.push(root);
  } else if (type.kind === "instance") {
    for (const item of type.type.exports.values()) leave(scope, item);
  }
}
