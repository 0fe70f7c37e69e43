import type { Reader } from "../../wasm/reader.ts";
import type { ComponentType, FuncType, InstanceType, ResourceId, TypeDef } from "../types/types.ts";
import { declare, instanceExport, outerScope, outerType, readExternType } from "./declare.ts";
import { addExtern, readExternName } from "./externs.ts";
import { readCoreTypeDef } from "./parse-core-types.ts";
import { checkSize, maxDepth, named, readDefValType, readResult, readValType } from "./parse-value-types.ts";
import { entry, Scope } from "./scope.ts";

/** Reads one entry of a type section. `resource` reads a resource type, which only a component may define. */
export function readTypeDef(reader: Reader, scope: Scope, resource: () => ResourceId): TypeDef {
  const offset = reader.pos;
  switch (reader.peek()) {
    case 0x3f:
      reader.byte();
      return { kind: "resource", resource: resource() };
    case 0x40:
      reader.byte();
      return { kind: "func", type: readFuncType(reader, scope, false) };
    case 0x43:
      reader.byte();
      scope.budget.need("async", reader, "async component functions require", offset);
      return { kind: "func", type: readFuncType(reader, scope, true) };
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

/** Reads a function type, after its opcode. */
function readFuncType(reader: Reader, scope: Scope, async: boolean): FuncType {
  const offset = reader.pos;
  const params = named(reader, "function parameter", () => readValType(reader, scope), false);
  const result = readResult(reader, scope, "function result");
  scope.budget.spend(
    reader,
    params.reduce((sum, param) => sum + param.type.info.weight, result?.info.weight ?? 1),
  );
  if (params.some((param) => param.type.info.depth > maxDepth)) reader.fail("type nesting is too deep", offset);
  return { async, params, result };
}

function readComponentType(reader: Reader, parent: Scope): ComponentType {
  const scope = enter("component type", reader, parent);
  for (let left = reader.count("component type declaration"); left > 0; left--) {
    const start = reader.pos;
    if (reader.peek() === 0x03) {
      reader.byte();
      const offset = reader.pos;
      const name = readExternName(reader);
      addExtern(reader, scope, "import", name, declare(scope, readExternType(reader, scope), "import", reader), offset);
    } else {
      readDeclaration(reader, scope, "component type");
    }
    scope.checkCounts(reader, start);
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
    const offset = reader.pos;
    readDeclaration(reader, scope, "instance type");
    scope.checkCounts(reader, offset);
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

/** Reads an alias among the declarations of a type: of types, core types and instances only. */
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
