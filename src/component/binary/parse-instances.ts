import { coreMismatch } from "../../wasm/core-subtype.ts";
import type { Reader } from "../../wasm/reader.ts";
import type { CoreExternType, ModuleImport } from "../../wasm/types.ts";
import { Subtyping } from "../types/subtype.ts";
import type { ExternType } from "../types/types.ts";
import type { Argument, CoreSort, Definition, Reference } from "./component.ts";
import { checkName } from "./externs.ts";
import { NameSet } from "./name-set.ts";
import { readItem, readNamedItem } from "./parse-exports.ts";
import { entry, type Scope } from "./scope.ts";
import { coreExtern, readCoreSort } from "./sorts.ts";

/** Reads one entry of a core instance section. */
export function readCoreInstance(reader: Reader, scope: Scope): Definition {
  const offset = reader.pos;
  const form = reader.byte();
  if (form === 0x00) {
    const index = reader.u32();
    const module = entry(scope.coreModules, index, "module", reader, offset);
    const args = reader.vec("instantiation argument", () => {
      const name = reader.name();
      const at = reader.pos;
      if (readCoreSort(reader) !== "instance") reader.fail("only instances can be arguments of a core module", at);
      const instance = reader.u32();
      entry(scope.coreInstances, instance, "core instance", reader, at);
      return { name, instance };
    });
    checkCoreArgs(reader, scope, module.imports, args, offset);
    scope.coreInstances.push(module.exports);
    return { kind: "core-instantiate", offset, module: index, args };
  }
  if (form !== 0x01) reader.fail(`invalid leading byte (0x${form.toString(16)}) for core instance`, offset);
  const types = new Map<string, CoreExternType>();
  const exports = reader.vec("instantiation export", (): Reference<CoreSort> => {
    const name = reader.name();
    const at = reader.pos;
    const sort = readCoreSort(reader);
    const index = reader.u32();
    if (types.has(name)) reader.fail(`export name \`${name}\` already defined`, at);
    types.set(name, coreExtern(reader, scope, sort, index, at));
    return { name, sort, index };
  });
  scope.coreInstances.push(types);
  return { kind: "core-exports", exports };
}

/** An instance made of exports gives its types no new names, so no method can belong to one of them. */
const noExterns: ReadonlyMap<string, ExternType> = new Map();

/** Reads one entry of an instance section. */
export function readInstance(reader: Reader, scope: Scope): Definition {
  const offset = reader.pos;
  const form = reader.byte();
  if (form === 0x00) return readInstantiate(reader, scope, offset);
  if (form !== 0x01) reader.fail(`invalid leading byte (0x${form.toString(16)}) for instance`, offset);
  const types = new Map<string, ExternType>();
  const names = new NameSet("export");
  const exports = reader.vec("instance export", () => {
    const at = reader.pos;
    const { name, item, type } = readNamedItem(reader, scope);
    checkName(reader, name, type, noExterns, at);
    names.add(item.name, reader, at);
    types.set(item.name, type);
    return item;
  });
  scope.instances.push({ exports: types, resources: [] });
  return { kind: "exports", exports };
}

function readInstantiate(reader: Reader, scope: Scope, offset: number): Definition {
  const index = reader.u32();
  const component = entry(scope.components, index, "component", reader, offset);
  const given = new Map<string, ExternType>();
  const args = reader.vec("instantiation argument", (): Argument => {
    const at = reader.pos;
    const name = reader.name();
    const { item, type } = readItem(reader, scope, name);
    if (given.has(name)) reader.fail(`instantiation argument \`${name}\` conflicts with previous argument`, at);
    given.set(name, type);
    return item;
  });
  const outcome = new Subtyping(scope.spender(reader)).instantiation(component, given);
  if (outcome.why !== undefined) return reader.fail(outcome.why, offset);
  for (const id of outcome.defined) scope.localResources.add(id);
  scope.instances.push(outcome.type);
  return { kind: "instantiate", component: index, args, type: outcome.type };
}

function checkCoreArgs(
  reader: Reader,
  scope: Scope,
  imports: readonly ModuleImport[],
  args: readonly { readonly name: string; readonly instance: number }[],
  offset: number,
): void {
  const given = new Map<string, ReadonlyMap<string, CoreExternType>>();
  for (const { name, instance } of args) {
    if (given.has(name)) reader.fail(`duplicate module instantiation argument named \`${name}\``, offset);
    given.set(name, scope.coreInstances[instance]!);
  }
  for (const { module, name, type } of imports) {
    const instance =
      given.get(module) ?? reader.fail(`missing module instantiation argument named \`${module}\``, offset);
    const found =
      instance.get(name) ??
      reader.fail(`module instantiation argument \`${module}\` does not export an item named \`${name}\``, offset);
    const why = coreMismatch(found, type);
    if (why !== undefined) {
      reader.fail(
        `type mismatch for export \`${name}\` of module instantiation argument \`${module}\`: ${why}`,
        offset,
      );
    }
  }
}
