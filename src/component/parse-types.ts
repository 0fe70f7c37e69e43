import { readCoreTypeDef } from "./core-module.ts";
import { addExtern, readExternName } from "./externs.ts";
import { isLabel } from "./names.ts";
import type { Reader } from "./reader.ts";
import { entry, Scope } from "./scope.ts";
import { freshInstance } from "./substitute.ts";
import {
  type ComponentType,
  type ExternType,
  enumeration,
  type FuncType,
  flags,
  handle,
  type InstanceType,
  list,
  type Named,
  option,
  type PrimKind,
  prims,
  ResourceId,
  record,
  result,
  type TypeDef,
  tuple,
  type ValType,
  variant,
} from "./types.ts";
import { freeResources, renamed } from "./visibility.ts";

const maxDepth = 100;
const maxSize = 2 ** 28;

const primKinds: ReadonlyMap<number, PrimKind> = new Map([
  [0x7f, "bool"],
  [0x7e, "s8"],
  [0x7d, "u8"],
  [0x7c, "s16"],
  [0x7b, "u16"],
  [0x7a, "s32"],
  [0x79, "u32"],
  [0x78, "s64"],
  [0x77, "u64"],
  [0x76, "f32"],
  [0x75, "f64"],
  [0x74, "char"],
  [0x73, "string"],
]);

/** What the format has for concurrency (WASI 0.3), and other gated parts: read by name, refused. */
const refused: ReadonlyMap<number, string> = new Map([
  [0x64, "the `error-context` type is not supported: it belongs to component model async (WASI 0.3)"],
  [0x66, "the `stream` type is not supported: it belongs to component model async (WASI 0.3)"],
  [0x65, "the `future` type is not supported: it belongs to component model async (WASI 0.3)"],
  [0x63, "the `map` type is not supported"],
]);

/** One entry of a type section. `dtor` reads the destructor's index in a component; types may not define resources. */
export function readTypeDef(reader: Reader, scope: Scope, resource: () => ResourceId): TypeDef {
  const offset = reader.pos;
  switch (reader.peek()) {
    case 0x3f:
      reader.byte();
      return { kind: "resource", resource: resource() };
    case 0x40:
      reader.byte();
      return { kind: "func", type: readFuncType(reader, scope) };
    case 0x43:
      return reader.fail("async functions are not supported: they belong to component model async (WASI 0.3)", offset);
    case 0x41:
      reader.byte();
      return { kind: "component", type: readComponentType(reader, scope) };
    case 0x42:
      reader.byte();
      return { kind: "instance", type: readInstanceType(reader, scope) };
    default:
      return { kind: "value", type: checkSize(readDefValType(reader, scope), reader, scope, offset) };
  }
}

function checkSize(type: ValType, reader: Reader, scope: Scope, offset: number): ValType {
  const { depth, size64, weight } = type.info;
  if (depth > maxDepth) reader.fail(`type nesting is too deep: the limit is ${maxDepth}`, offset);
  if (size64 >= maxSize) reader.fail("type exceeds maximum byte size of 2^28 - 1", offset);
  scope.budget.spend(reader, weight);
  return type;
}

function readDefValType(reader: Reader, scope: Scope): ValType {
  const offset = reader.pos;
  const opcode = reader.byte();
  const value = (): ValType => readValType(reader, scope);
  switch (opcode) {
    case 0x72:
      return record(named(reader, "record field", value, true));
    case 0x71:
      return variant(readCases(reader, scope));
    case 0x70:
      return list(value());
    case 0x67: {
      const element = value();
      const length = reader.u32();
      if (length === 0) reader.fail("fixed-length lists must have more than 0 elements", offset);
      return list(element, length);
    }
    case 0x6f: {
      const types = reader.vec("tuple type", value);
      if (types.length === 0) reader.fail("tuple type must have at least one type", offset);
      return tuple(types);
    }
    case 0x6e: {
      const names = labels(reader, "flag");
      if (names.length > 32) reader.fail("cannot have more than 32 flags", offset);
      return flags(names);
    }
    case 0x6d:
      return enumeration(labels(reader, "enum tag"));
    case 0x6b:
      return option(value());
    case 0x6a: {
      const ok = reader.flag("result type") ? value() : undefined;
      const err = reader.flag("result type") ? value() : undefined;
      return result(ok, err);
    }
    case 0x69:
    case 0x68:
      return handle(opcode === 0x69 ? "own" : "borrow", readResourceIndex(reader, scope));
    default:
      return readPrim(opcode, reader, offset);
  }
}

function readPrim(opcode: number, reader: Reader, offset: number): ValType {
  const kind = primKinds.get(opcode);
  if (kind !== undefined) return prims[kind];
  return reader.fail(
    refused.get(opcode) ?? `invalid leading byte (0x${opcode.toString(16)}) for component defined type`,
    offset,
  );
}

export function readResourceIndex(reader: Reader, scope: Scope): ResourceId {
  const offset = reader.pos;
  const index = reader.u32();
  const def = entry(scope.types, index, "type", reader, offset);
  if (def.kind !== "resource") return reader.fail(`type index ${index} is not a resource type`, offset);
  return def.resource;
}

export function readValType(reader: Reader, scope: Scope): ValType {
  const offset = reader.pos;
  const index = reader.s33();
  if (index < 0) return readPrim(index + 0x80, reader, offset);
  const def = entry(scope.types, index, "type", reader, offset);
  if (def.kind !== "value") return reader.fail(`type index ${index} is not a defined type`, offset);
  return def.type;
}

function readLabel(reader: Reader, what: string): string {
  const offset = reader.pos;
  const name = reader.name();
  if (name === "") reader.fail(`${what} name cannot be empty`, offset);
  if (!isLabel(name)) reader.fail(`${what} name \`${name}\` is not in kebab case`, offset);
  return name;
}

/** Names that differ in case only are the same to the rule of strong uniqueness. */
function unique(names: Set<string>, name: string, what: string, reader: Reader, offset: number): void {
  const key = name.toLowerCase();
  if (names.has(key)) reader.fail(`${what} name \`${name}\` conflicts with previous name`, offset);
  names.add(key);
}

function named(reader: Reader, what: string, value: () => ValType, some: boolean): Named[] {
  const offset = reader.pos;
  const seen = new Set<string>();
  const items = reader.vec(what, () => {
    const at = reader.pos;
    const name = readLabel(reader, what);
    unique(seen, name, what, reader, at);
    return { name, type: value() };
  });
  if (some && items.length === 0) reader.fail(`${what.split(" ")[0]} type must have at least one field`, offset);
  return items;
}

function labels(reader: Reader, what: string): string[] {
  const offset = reader.pos;
  const seen = new Set<string>();
  const names = reader.vec(what, () => {
    const at = reader.pos;
    const name = readLabel(reader, what);
    unique(seen, name, what, reader, at);
    return name;
  });
  if (names.length === 0)
    reader.fail(`${what === "flag" ? "flags" : "enum type"} must have at least one entry`, offset);
  return names;
}

function readCases(reader: Reader, scope: Scope): { name: string; type: ValType | undefined }[] {
  const offset = reader.pos;
  const seen = new Set<string>();
  const cases = reader.vec("variant case", () => {
    const at = reader.pos;
    const name = readLabel(reader, "variant case");
    unique(seen, name, "variant case", reader, at);
    const type = reader.flag("variant case type") ? readValType(reader, scope) : undefined;
    const end = reader.pos;
    if (reader.byte() !== 0) reader.fail("variant case refinement is not supported", end);
    return { name, type };
  });
  if (cases.length === 0) reader.fail("variant type must have at least one case", offset);
  return cases;
}

/** After the opcode. */
function readFuncType(reader: Reader, scope: Scope): FuncType {
  const offset = reader.pos;
  const params = named(reader, "function parameter", () => readValType(reader, scope), false);
  const at = reader.pos;
  const form = reader.byte();
  let returned: ValType | undefined;
  if (form === 0) {
    returned = readValType(reader, scope);
    if (returned.info.borrows) reader.fail("function result cannot contain a `borrow` type", at);
  } else if (form === 1) {
    const end = reader.pos;
    if (reader.u32() !== 0) reader.fail("invalid result list: named results are not supported", end);
  } else {
    reader.fail(`invalid leading byte (0x${form.toString(16)}) for component function results`, at);
  }
  scope.budget.spend(
    reader,
    params.reduce((sum, param) => sum + param.type.info.weight, returned?.info.weight ?? 1),
  );
  if (params.some((param) => param.type.info.depth > maxDepth)) reader.fail("type nesting is too deep", offset);
  return { params, result: returned };
}

function readComponentType(reader: Reader, parent: Scope): ComponentType {
  const scope = enter("component type", reader, parent);
  for (let left = reader.count("component type declaration"); left > 0; left--) {
    if (reader.peek() === 0x03) {
      reader.byte();
      const offset = reader.pos;
      const name = readExternName(reader);
      addExtern(reader, scope, "import", name, declare(scope, readExternType(reader, scope), "import", reader), offset);
    } else {
      readDeclaration(reader, scope, "component type");
    }
  }
  return componentTypeOf(scope);
}

export function componentTypeOf(scope: Scope): ComponentType {
  const { imports, exports, importedResources, definedResources } = scope;
  return { imports, exports, importedResources, definedResources };
}

function readInstanceType(reader: Reader, parent: Scope): InstanceType {
  const scope = enter("instance type", reader, parent);
  for (let left = reader.count("instance type declaration"); left > 0; left--) {
    readDeclaration(reader, scope, "instance type");
  }
  return { exports: scope.exports, resources: scope.definedResources };
}

function enter(kind: "component type" | "instance type", reader: Reader, parent: Scope): Scope {
  const scope = new Scope(kind, parent, parent.budget);
  if (scope.depth > maxDepth) reader.fail("type nesting is too deep");
  return scope;
}

function readDeclaration(reader: Reader, scope: Scope, what: string): void {
  const offset = reader.pos;
  const opcode = reader.byte();
  switch (opcode) {
    case 0x00:
      readCoreTypeDef(reader, scope);
      return;
    case 0x01:
      scope.types.push(
        readTypeDef(reader, scope, () =>
          reader.fail("resources can only be defined within a concrete component", offset),
        ),
      );
      return;
    case 0x02:
      readAliasDeclaration(reader, scope);
      return;
    case 0x04: {
      const at = reader.pos;
      const name = readExternName(reader);
      addExtern(reader, scope, "export", name, declare(scope, readExternType(reader, scope), "export", reader), at);
      return;
    }
    default:
      reader.fail(`invalid leading byte (0x${opcode.toString(16)}) for ${what} declaration`, offset);
  }
}

/** An alias among the declarations of a type: of types, core types and instances only. */
function readAliasDeclaration(reader: Reader, scope: Scope): void {
  const offset = reader.pos;
  const sort = reader.byte();
  const core = sort === 0x00 ? reader.byte() : undefined;
  const target = reader.byte();
  if (target === 0x00) {
    const index = reader.u32();
    const name = reader.name();
    const found = instanceExport(reader, scope, index, name, offset);
    if (sort === 0x03 && found.kind === "type") {
      scope.types.push(found.type);
    } else if (sort === 0x05 && found.kind === "instance") {
      scope.instances.push(found.type);
    } else {
      reader.fail(`export \`${name}\` for instance ${index} is not of the aliased kind`, offset);
    }
  } else if (target === 0x02) {
    const count = reader.u32();
    const index = reader.u32();
    if (sort === 0x00 && core === 0x10) {
      scope.coreTypes.push(entry(outerScope(reader, scope, count, offset).coreTypes, index, "type", reader, offset));
    } else if (sort === 0x03) {
      scope.types.push(outerType(reader, scope, count, index, offset));
    } else {
      reader.fail("only types can be aliased from an outer scope in a type", offset);
    }
  } else {
    reader.fail(`invalid leading byte (0x${target.toString(16)}) for alias`, offset);
  }
}

export function outerScope(reader: Reader, scope: Scope, count: number, offset: number): Scope {
  return scope.outer(count) ?? reader.fail(`invalid outer alias count of ${count}`, offset);
}

/** The type that an outer alias names. One that refers to resources stays in its component. */
export function outerType(reader: Reader, scope: Scope, count: number, index: number, offset: number): TypeDef {
  const outer = outerScope(reader, scope, count, offset);
  const def = entry(outer.types, index, "type", reader, offset);
  let crosses = false;
  for (let inner = scope; inner !== outer; inner = inner.parent!) crosses ||= inner.kind === "component";
  if (crosses && freeResources(def, scope.spender(reader))) {
    reader.fail("type transitively refers to resources not defined in the current component", offset);
  }
  return def;
}

export function instanceExport(reader: Reader, scope: Scope, index: number, name: string, offset: number): ExternType {
  const instance = entry(scope.instances, index, "instance", reader, offset);
  return instance.exports.get(name) ?? reader.fail(`instance ${index} has no export named \`${name}\``, offset);
}

/** What the type of an import or export says: `sub resource` makes a new resource type in `declare`. */
export type Described = ExternType | { readonly kind: "sub resource" };

export function readExternType(reader: Reader, scope: Scope): Described {
  const offset = reader.pos;
  const kind = reader.byte();
  switch (kind) {
    case 0x00: {
      if (reader.byte() !== 0x11) reader.fail("only modules of the core sorts can be imported or exported", offset);
      const index = reader.u32();
      const def = entry(scope.coreTypes, index, "type", reader, offset);
      if (def.kind !== "module") return reader.fail(`core type index ${index} is not a module type`, offset);
      return { kind: "module", type: def.type };
    }
    case 0x01:
    case 0x04:
    case 0x05: {
      const index = reader.u32();
      const def = entry(scope.types, index, "type", reader, offset);
      const wanted = kind === 0x01 ? "func" : kind === 0x04 ? "component" : "instance";
      if (def.kind !== wanted) return reader.fail(`type index ${index} is not a ${wanted} type`, offset);
      return def;
    }
    case 0x02:
      return reader.fail("component values are not supported", offset);
    case 0x03: {
      const bound = reader.byte();
      if (bound === 0x01) return { kind: "sub resource" };
      if (bound !== 0x00) return reader.fail(`invalid leading byte (0x${bound.toString(16)}) for type bound`, offset);
      return { kind: "type", type: entry(scope.types, reader.u32(), "type", reader, offset) };
    }
    default:
      return reader.fail(`invalid leading byte (0x${kind.toString(16)}) for component external kind`, offset);
  }
}

/**
 * Makes the resources that an import or export brings into `scope`, and adds it to the index space of its kind.
 */
export function declare(scope: Scope, type: Described, direction: "import" | "export", reader: Reader): ExternType {
  const declared = direction === "import" ? scope.importedResources : scope.definedResources;
  const spend = scope.spender(reader);
  switch (type.kind) {
    case "sub resource": {
      const resource = new ResourceId("");
      declared.push(resource);
      const def: TypeDef = { kind: "resource", resource };
      scope.types.push(def);
      return { kind: "type", type: def };
    }
    case "type": {
      const def = renamed(type.type);
      scope.types.push(def);
      return { kind: "type", type: def };
    }
    case "func":
      scope.funcs.push(type.type);
      return type;
    case "instance": {
      const instance = freshInstance(type.type, declared, spend);
      scope.instances.push(instance);
      return { kind: "instance", type: instance };
    }
    case "component":
      scope.components.push(type.type);
      return type;
    case "module":
      scope.coreModules.push(type.type);
      return type;
  }
}
