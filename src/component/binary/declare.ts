import type { Reader } from "../../wasm/reader.ts";
import { freshInstance } from "../types/substitute.ts";
import { type ExternType, resourceId, type TypeDef } from "../types/types.ts";
import { freeResources, renamed } from "../types/visibility.ts";
import { entry, type Scope } from "./scope.ts";

export function outerScope(reader: Reader, scope: Scope, count: number, offset: number): Scope {
  return scope.outer(count) ?? reader.fail(`invalid outer alias count of ${count}`, offset);
}

/** Returns the type that an outer alias names. A type that refers to resources cannot leave its component. */
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

/** The declared type of an import or export. `sub resource` makes a new resource type in `declare`. */
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

/** Adds an import or export to the index space of its kind. Makes the resources that it brings into `scope`. */
export function declare(scope: Scope, type: Described, direction: "import" | "export", reader: Reader): ExternType {
  const declared = direction === "import" ? scope.importedResources : scope.definedResources;
  const spend = scope.spender(reader);
  switch (type.kind) {
    case "sub resource": {
      const resource = resourceId();
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
