import { isNominal, partsOf } from "./layout.ts";
import { type ExternType, type FuncType, type ResourceId, resourceId, type TypeDef, type ValType } from "./types.ts";

/**
 * Types that are externally visible (Explainer.md): the resources and value types that have a name which importers and exporters
 * can use. Imports and exports may refer to those only.
 */
export type Named = Set<ResourceId | ValType>;

/** Returns a new name of a type: the same type to subtyping, another one to visibility. */
export function renamed(def: TypeDef): TypeDef {
  if (def.kind === "resource") return { kind: "resource", resource: resourceId(def.resource) };
  if (def.kind === "value" && isNominal(def.type)) return { kind: "value", type: { ...def.type } };
  return def;
}

/** Whether all types that `type` refers to have names. If it is a type itself, it has one from now on. */
export function admit(type: ExternType, named: Named, spend: (work: number) => void): boolean {
  switch (type.kind) {
    case "func":
      return funcNamed(type.type, named, spend);
    case "instance": {
      for (const item of type.type.exports.values()) if (!admit(item, named, spend)) return false;
      return true;
    }
    case "type":
      return admitDef(type.type, named, spend);
    // a component type was checked when it was made
    case "component":
    case "module":
      return true;
  }
}

function admitDef(def: TypeDef, named: Named, spend: (work: number) => void): boolean {
  switch (def.kind) {
    case "resource":
      named.add(def.resource);
      return true;
    case "value": {
      spend(def.type.info.weight);
      if (!partsOf(def.type).every((part) => isNamed(part, named))) return false;
      if (isHandle(def.type)) return isNamed(def.type, named);
      named.add(def.type);
      return true;
    }
    case "func":
      return funcNamed(def.type, named, spend);
    case "instance":
      return admit({ kind: "instance", type: def.type }, new Set(named), spend);
    case "component":
      return true;
  }
}

function funcNamed(type: FuncType, named: Named, spend: (work: number) => void): boolean {
  const types = type.params.map((param) => param.type);
  if (type.result !== undefined) types.push(type.result);
  return types.every((item) => {
    spend(item.info.weight);
    return isNamed(item, named);
  });
}

function isHandle(type: ValType): boolean {
  return type.kind === "own" || type.kind === "borrow";
}

function isNamed(type: ValType, named: Named): boolean {
  if (type.kind === "own" || type.kind === "borrow") return named.has(type.resource);
  return isNominal(type) ? named.has(type) : partsOf(type).every((part) => isNamed(part, named));
}

/** Whether a type refers to a resource that it does not itself declare. */
export function freeResources(def: TypeDef, spend: (work: number) => void): boolean {
  const bound = new Set<ResourceId>();
  const seen = new Set<object>();
  const value = (type: ValType | undefined): boolean => {
    if (type === undefined || !(type.info.owns || type.info.borrows) || seen.has(type)) return false;
    spend(1);
    seen.add(type);
    return type.kind === "own" || type.kind === "borrow" ? !bound.has(type.resource.root) : partsOf(type).some(value);
  };
  const func = (type: FuncType): boolean => type.params.some((param) => value(param.type)) || value(type.result);
  const all = (externs: ReadonlyMap<string, ExternType>): boolean => {
    for (const type of externs.values()) if (type.kind === "type" ? refers(type.type) : refersExtern(type)) return true;
    return false;
  };
  const refersExtern = (type: Exclude<ExternType, { kind: "type" }>): boolean =>
    type.kind === "module" ? false : refers(type);
  const refers = (type: TypeDef): boolean => {
    spend(1);
    switch (type.kind) {
      case "value":
        return value(type.type);
      case "resource":
        return !bound.has(type.resource.root);
      case "func":
        return func(type.type);
      case "instance":
        for (const id of type.type.resources) bound.add(id);
        return all(type.type.exports);
      case "component":
        for (const id of type.type.importedResources) bound.add(id);
        for (const id of type.type.definedResources) bound.add(id);
        return all(type.type.imports) || all(type.type.exports);
    }
  };
  return refers(def);
}
