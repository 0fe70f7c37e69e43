import type { Reader } from "../../wasm/reader.ts";
import type { CoreSort, Definition } from "./component.ts";
import { instanceExport, outerScope, outerType } from "./declare.ts";
import { entry, type Scope } from "./scope.ts";
import { add, addCore, readCoreSort } from "./sorts.ts";

/** Reads one entry of an alias section. */
export function readAlias(reader: Reader, scope: Scope, definitions: Definition[]): void {
  const offset = reader.pos;
  const outermost = reader.byte();
  const core = outermost === 0x00 ? readCoreSort(reader) : undefined;
  const target = reader.byte();
  if (target === 0x01) {
    const instance = reader.u32();
    const name = reader.name();
    const found = entry(scope.coreInstances, instance, "core instance", reader, offset).get(name);
    if (found === undefined) reader.fail(`core instance ${instance} has no export named \`${name}\``, offset);
    if (core !== found.kind) reader.fail(`export \`${name}\` for core instance ${instance} is not a ${core}`, offset);
    addCore(scope, found);
    definitions.push({ kind: "alias-core-export", sort: found.kind, instance, name });
    return;
  }
  if (target === 0x02) {
    readOuterAlias(reader, scope, definitions, outermost, core, offset);
    return;
  }
  if (target !== 0x00) reader.fail(`invalid leading byte (0x${target.toString(16)}) for alias`, offset);
  const instance = reader.u32();
  const name = reader.name();
  const found = instanceExport(reader, scope, instance, name, offset);
  const sort = core ?? (["", "func", "value", "type", "component", "instance"] as const)[outermost];
  if (sort !== found.kind) reader.fail(`export \`${name}\` for instance ${instance} is not a ${sort}`, offset);
  add(scope, found);
  // Types have no run-time form, so instances need no definition for one.
  if (found.kind !== "type") definitions.push({ kind: "alias-export", sort: found.kind, instance, name });
}

function readOuterAlias(
  reader: Reader,
  scope: Scope,
  definitions: Definition[],
  sort: number,
  core: CoreSort | undefined,
  offset: number,
): void {
  const count = reader.u32();
  const index = reader.u32();
  const outer = outerScope(reader, scope, count, offset);
  if (core === "type") {
    scope.coreTypes.push(entry(outer.coreTypes, index, "type", reader, offset));
  } else if (core === "module") {
    scope.coreModules.push(entry(outer.coreModules, index, "module", reader, offset));
    definitions.push({ kind: "alias-outer", sort: "module", count, index });
  } else if (sort === 0x03) {
    scope.types.push(outerType(reader, scope, count, index, offset));
  } else if (sort === 0x04) {
    scope.components.push(entry(outer.components, index, "component", reader, offset));
    definitions.push({ kind: "alias-outer", sort: "component", count, index });
  } else {
    reader.fail("outer aliases are of types, modules and components only", offset);
  }
}
