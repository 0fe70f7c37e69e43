import type { Argument, Component, CoreSort, Definition, ExportItem, Reference, Sort } from "./component.ts";
import { readCoreModuleType, readCoreTypeDef } from "./core-module.ts";
import { CoreModuleError } from "./errors.ts";
import { addExtern, readExternName } from "./externs.ts";
import { readCanon } from "./parse-canon.ts";
import {
  componentTypeOf,
  declare,
  instanceExport,
  outerScope,
  outerType,
  readExternType,
  readTypeDef,
} from "./parse-types.ts";
import { Reader } from "./reader.ts";
import { Budget, entry, Scope } from "./scope.ts";
import { Substitution } from "./substitute.ts";
import { type CoreExternType, type ExternType, type InstanceType, ResourceId } from "./types.ts";

const maxNesting = 100;

/**
 * Reads and checks a component. `bytes` is kept: core modules are parts of it, not copies.
 *
 * @throws CoreModuleError if it is a core module
 * @throws ParseError if it is anything else that is not a component of WASI 0.2
 */
export function parseComponent(bytes: Uint8Array<ArrayBuffer>): Component {
  return readComponent(new Reader(bytes), undefined, new Budget());
}

function readComponent(reader: Reader, parent: Scope | undefined, budget: Budget): Component {
  const offset = reader.pos;
  readPreamble(reader);
  const scope = new Scope("component", parent, budget);
  if (scope.depth > maxNesting) reader.fail(`components are nested too deeply: the limit is ${maxNesting}`, offset);
  const definitions: Definition[] = [];
  while (!reader.atEnd) {
    const at = reader.pos;
    const id = reader.byte();
    const size = reader.u32();
    const section = reader.part(size, "section");
    readSection(id, section, scope, definitions, at);
    if (!section.atEnd && id !== 0) section.fail("section size mismatch: unexpected data at the end of the section");
  }
  return { kind: "component", offset, size: reader.end - offset, type: componentTypeOf(scope), definitions };
}

function readPreamble(reader: Reader): void {
  const offset = reader.pos;
  for (const byte of [0x00, 0x61, 0x73, 0x6d]) {
    if (reader.atEnd) reader.fail("unexpected end");
    if (reader.byte() !== byte) reader.fail("magic header not detected: bad magic number", offset);
  }
  const version = reader.byte() | (reader.byte() << 8);
  const layer = reader.byte() | (reader.byte() << 8);
  if (version === 0x01 && layer === 0) {
    throw new CoreModuleError("a core WebAssembly module, where a component was expected", offset);
  }
  if (version !== 0x0d || layer !== 1) {
    const hex = version.toString(16);
    reader.fail(layer === 1 ? `unknown component version: 0x${hex}` : `unknown binary version: 0x${hex}`, offset + 4);
  }
}

function readSection(id: number, section: Reader, scope: Scope, definitions: Definition[], offset: number): void {
  const each = (what: string, read: () => void): void => {
    for (let left = section.count(what); left > 0; left--) read();
  };
  switch (id) {
    case 0:
      section.name();
      return;
    case 1: {
      const bytes = section.bytes.subarray(section.pos, section.end);
      definitions.push({ kind: "core-module", offset: section.pos, bytes });
      checkModulePreamble(section);
      scope.coreModules.push(readCoreModuleType(section, scope.budget.interned));
      return;
    }
    case 2:
      each("core instance", () => definitions.push(readCoreInstance(section, scope)));
      return;
    case 3:
      each("core type", () => readCoreTypeDef(section, scope));
      return;
    case 4: {
      const component = readComponent(section, scope, scope.budget);
      definitions.push({ kind: "component", component });
      scope.components.push(component.type);
      return;
    }
    case 5:
      each("instance", () => definitions.push(readInstance(section, scope)));
      return;
    case 6:
      each("alias", () => readAlias(section, scope, definitions));
      return;
    case 7:
      each("type", () => {
        scope.types.push(readTypeDef(section, scope, () => readResource(section, scope, definitions)));
      });
      return;
    case 8:
      each("canonical function", () => definitions.push(readCanon(section, scope)));
      return;
    case 9:
      section.fail("component start sections are not supported", offset);
      break;
    case 10:
      each("import", () => {
        const at = section.pos;
        const name = readExternName(section);
        const type = declare(scope, readExternType(section, scope), "import", section);
        addExtern(section, scope, "import", name, type, at);
        definitions.push({ kind: "import", name, type });
      });
      return;
    case 11:
      each("export", () => definitions.push(readExport(section, scope)));
      return;
    case 12:
      section.fail("component value sections are not supported", offset);
      break;
    default:
      section.fail(`malformed section id: ${id}`, offset);
  }
}

function checkModulePreamble(section: Reader): void {
  const wanted = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
  wanted.forEach((byte, i) => {
    const offset = section.pos + i;
    if (offset >= section.end) section.fail("unexpected end", section.end);
    if (section.bytes[offset] !== byte) {
      section.fail(i < 4 ? "magic header not detected: bad magic number" : "unknown binary version", section.pos);
    }
  });
}

/** After the `0x3f` of a resource type. */
function readResource(reader: Reader, scope: Scope, definitions: Definition[]): ResourceId {
  const offset = reader.pos;
  if (scope.kind !== "component") reader.fail("resources can only be defined within a concrete component", offset);
  if (reader.byte() !== 0x7f) reader.fail("resources can only be represented by `i32`", offset);
  const dtor = reader.flag("resource destructor") ? reader.u32() : undefined;
  if (dtor !== undefined) {
    const type = entry(scope.coreFuncs, dtor, "core function", reader, offset);
    if (type.params.join() !== "i32" || type.results.length > 0) {
      reader.fail("the destructor of a resource must have the core type [i32] -> []", offset);
    }
  }
  const resource = new ResourceId("");
  scope.ownResources.add(resource);
  scope.localResources.add(resource);
  definitions.push({ kind: "resource", resource, dtor });
  return resource;
}

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

function readCoreSort(reader: Reader): CoreSort {
  const offset = reader.pos;
  const byte = reader.byte();
  return coreSorts.get(byte) ?? reader.fail(`invalid leading byte (0x${byte.toString(16)}) for core sort`, offset);
}

function readSort(reader: Reader): Sort {
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

function coreExtern(reader: Reader, scope: Scope, sort: CoreSort, index: number, offset: number): CoreExternType {
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

function addCore(scope: Scope, type: CoreExternType): void {
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

function readCoreInstance(reader: Reader, scope: Scope): Definition {
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

function readExportItem(reader: Reader, scope: Scope): { item: ExportItem; type: ExternType } {
  const name = readExternName(reader);
  const offset = reader.pos;
  const sort = readSort(reader);
  const index = reader.u32();
  const type = extern(reader, scope, sort, index, offset);
  const item = { name, sort, index };
  return type.kind === "type" && type.type.kind === "resource"
    ? { item: { ...item, resource: type.type.resource, source: type.type.resource }, type }
    : { item, type };
}

/** The type of what a reference names. */
function extern(reader: Reader, scope: Scope, sort: Sort, index: number, offset: number): ExternType {
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

function add(scope: Scope, type: ExternType): void {
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

function readInstance(reader: Reader, scope: Scope): Definition {
  const offset = reader.pos;
  const form = reader.byte();
  if (form === 0x00) return readInstantiate(reader, scope, offset);
  if (form !== 0x01) reader.fail(`invalid leading byte (0x${form.toString(16)}) for instance`, offset);
  const types = new Map<string, ExternType>();
  const exports = reader.vec("instance export", () => {
    const at = reader.pos;
    const { item, type } = readExportItem(reader, scope);
    if (types.has(item.name)) reader.fail(`export name \`${item.name}\` conflicts with previous name`, at);
    types.set(item.name, type);
    return item;
  });
  scope.instances.push({ exports: types, resources: [] });
  return { kind: "exports", exports };
}

function readAlias(reader: Reader, scope: Scope, definitions: Definition[]): void {
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
  definitions.push({ kind: "alias-export", sort: found.kind, instance, name });
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

function readExport(reader: Reader, scope: Scope): Definition {
  const offset = reader.pos;
  const { item, type } = readExportItem(reader, scope);
  const ascribed = reader.flag("export type") ? readExternType(reader, scope) : undefined;
  const exported = exportType(scope, ascribed ?? type, reader);
  addExtern(reader, scope, "export", item.name, exported, offset);
  if (exported.kind === "type" && exported.type.kind === "resource" && item.resource !== undefined) {
    return { kind: "export", ...item, resource: exported.type.resource };
  }
  return { kind: "export", ...item };
}

/** Resources of this component that an export takes out become part of its type. */
function leave(scope: Scope, type: ExternType): void {
  if (type.kind === "type" && type.type.kind === "resource") {
    const { resource } = type.type;
    if (scope.localResources.delete(resource)) scope.definedResources.push(resource);
  } else if (type.kind === "instance") {
    for (const item of type.type.exports.values()) leave(scope, item);
  }
}

/** Adds the exported item to its index space: a resource under a new name is a new type. */
function exportType(scope: Scope, type: ReturnType<typeof readExternType>, reader: Reader): ExternType {
  if (type.kind === "sub resource") return declare(scope, type, "export", reader);
  leave(scope, type);
  add(scope, type);
  return type;
}

function readInstantiate(reader: Reader, scope: Scope, offset: number): Definition {
  const index = reader.u32();
  const component = entry(scope.components, index, "component", reader, offset);
  const given = new Map<string, ExternType>();
  const args = reader.vec("instantiation argument", (): Argument => {
    const at = reader.pos;
    const name = reader.name();
    const sort = readSort(reader);
    const item = reader.u32();
    if (given.has(name)) reader.fail(`instantiation argument \`${name}\` conflicts with previous argument`, at);
    const type = extern(reader, scope, sort, item, at);
    given.set(name, type);
    const resource = type.kind === "type" && type.type.kind === "resource" ? type.type.resource : undefined;
    return { name, sort, index: item, resource };
  });
  const resources = new Map<ResourceId, ResourceId>();
  for (const [name, wanted] of component.imports) {
    const actual = given.get(name);
    if (actual === undefined) reader.fail(`missing import named \`${name}\``, offset);
    matchResources(wanted, actual, resources);
  }
  for (const id of component.definedResources) {
    const made = new ResourceId(id.name);
    resources.set(id, made);
    scope.localResources.add(made);
  }
  const substitution = new Substitution(resources, (work) => scope.budget.spend(reader, work));
  const type: InstanceType = substitution.instance({ exports: component.exports, resources: [] });
  scope.instances.push(type);
  return { kind: "instantiate", component: index, args, type };
}

/** Finds which resource stands for each that `wanted` declares. */
function matchResources(wanted: ExternType, actual: ExternType, into: Map<ResourceId, ResourceId>): void {
  if (wanted.kind === "type" && wanted.type.kind === "resource") {
    if (actual.kind === "type" && actual.type.kind === "resource" && !into.has(wanted.type.resource)) {
      into.set(wanted.type.resource, actual.type.resource);
    }
  } else if (wanted.kind === "instance" && actual.kind === "instance") {
    for (const [name, item] of wanted.type.exports) {
      const found = actual.type.exports.get(name);
      if (found !== undefined) matchResources(item, found, into);
    }
  }
}

function checkCoreArgs(
  reader: Reader,
  scope: Scope,
  imports: readonly { readonly module: string; readonly name: string; readonly type: CoreExternType }[],
  args: readonly { readonly name: string; readonly instance: number }[],
  offset: number,
): void {
  const given = new Map<string, ReadonlyMap<string, CoreExternType>>();
  for (const { name, instance } of args) {
    if (given.has(name)) reader.fail(`duplicate module instantiation argument named \`${name}\``, offset);
    given.set(name, scope.coreInstances[instance]!);
  }
  for (const { module, name, type } of imports) {
    const instance = given.get(module);
    if (instance === undefined) reader.fail(`missing module instantiation argument named \`${module}\``, offset);
    const found = instance.get(name);
    if (found === undefined)
      reader.fail(`module instantiation argument \`${module}\` does not export an item named \`${name}\``, offset);
    if (found.kind !== type.kind) {
      reader.fail(
        `module instantiation argument \`${module}\` exports an item named \`${name}\` but it is not a ${type.kind}`,
        offset,
      );
    }
  }
}
