import { contentOf, handle, isNominal, partsOf, withParts } from "./layout.ts";
import {
  type ComponentType,
  type ExternType,
  type FuncType,
  type InstanceType,
  type ResourceId,
  resourceId,
  type TypeDef,
  type ValType,
} from "./types.ts";

/** Replacements for resources (by their roots) and for value types. */
export class Replacements {
  readonly resources = new Map<ResourceId, ResourceId>();
  readonly values = new Map<ValType, ValType>();
  /** The names that replace others of the same value types, by their content. */
  readonly contents = new Map<object | undefined, ValType>();

  get isEmpty(): boolean {
    return this.resources.size === 0 && this.values.size === 0;
  }

  /** Replaces each resource in `declared` by a new one. Returns the new ones. */
  refresh(declared: readonly ResourceId[]): ResourceId[] {
    return declared.map((id) => {
      const made = resourceId();
      this.resources.set(id, made);
      return made;
    });
  }

  /** Records the resources that `given` has in the places of the resources `declared` in `wanted`. */
  matchResources(wanted: ExternType, given: ExternType, declared: ReadonlySet<ResourceId>): void {
    eachPair(wanted, given, (a, b) => {
      if (a.kind !== "resource" || b.kind !== "resource") return;
      const { root } = a.resource;
      if (declared.has(root) && !this.resources.has(root)) this.resources.set(root, b.resource);
    });
  }

  /** Records the named types of `given` in place of those of `wanted`, which are equal: visibility depends on the names. */
  matchValues(wanted: ExternType, given: ExternType): void {
    eachPair(wanted, given, (a, b) => {
      if (a.kind === "value" && b.kind === "value" && isNominal(a.type) && a.type !== b.type) {
        this.values.set(a.type, b.type);
        this.contents.set(contentOf(a.type), b.type);
      }
    });
  }
}

/** Visits the types that two items have under the same names. */
function eachPair(wanted: ExternType, given: ExternType, visit: (wanted: TypeDef, given: TypeDef) => void): void {
  if (wanted.kind === "type" && given.kind === "type") {
    visit(wanted.type, given.type);
  } else if (wanted.kind === "instance" && given.kind === "instance") {
    for (const [name, item] of wanted.type.exports) {
      const found = given.type.exports.get(name);
      if (found !== undefined) eachPair(item, found, visit);
    }
  }
}

/**
 * Substitutes replacements in types. Parts without replacements are shared, not copied. Replacements may be added between uses, if
 * no earlier type refers to their resources.
 */
export class Substitution {
  readonly #replacements: Replacements;
  readonly #made = new Map<object, unknown>();
  readonly #spend: (work: number) => void;

  /** @param spend Called with the work of each copied type; may throw to bound it */
  constructor(replacements: Replacements, spend: (work: number) => void) {
    this.#replacements = replacements;
    this.#spend = spend;
  }

  resource(id: ResourceId): ResourceId {
    return this.#replacements.resources.get(id.root) ?? id;
  }

  #once<T extends object>(type: T, make: () => T): T {
    if (this.#replacements.isEmpty) return type;
    const known = this.#made.get(type);
    if (known !== undefined) return known as T;
    this.#spend(1);
    const made = make();
    this.#made.set(type, made);
    return made;
  }

  value(type: ValType): ValType {
    const { values } = this.#replacements;
    if (values.size === 0 && !type.info.owns && !type.info.borrows) return type;
    const replaced = values.get(type);
    if (replaced !== undefined) return replaced;
    return this.#once(type, () => {
      if (type.kind === "own" || type.kind === "borrow") return handle(type.kind, this.resource(type.resource));
      const renamed = this.#replacements.contents.get(contentOf(type));
      if (renamed !== undefined) return { ...renamed };
      const changed = partsOf(type).some((part) => this.value(part) !== part);
      return changed ? withParts(type, (part) => this.value(part)) : type;
    });
  }

  func(type: FuncType): FuncType {
    return this.#once(type, () => ({
      async: type.async,
      params: type.params.map((param) => ({ name: param.name, type: this.value(param.type) })),
      result: type.result && this.value(type.result),
    }));
  }

  instance(type: InstanceType): InstanceType {
    return this.#once(type, () => ({ exports: this.#externs(type.exports), resources: type.resources }));
  }

  component(type: ComponentType): ComponentType {
    return this.#once(type, () => ({
      ...type,
      imports: this.#externs(type.imports),
      exports: this.#externs(type.exports),
    }));
  }

  #externs(types: ReadonlyMap<string, ExternType>): ReadonlyMap<string, ExternType> {
    this.#spend(types.size);
    const made = new Map<string, ExternType>();
    for (const [name, type] of types) made.set(name, this.extern(type));
    return made;
  }

  extern(type: ExternType): ExternType {
    switch (type.kind) {
      case "func":
        return { kind: "func", type: this.func(type.type) };
      case "instance":
        return { kind: "instance", type: this.instance(type.type) };
      case "component":
        return { kind: "component", type: this.component(type.type) };
      case "type":
        return { kind: "type", type: this.def(type.type) };
      case "module":
        return type;
    }
  }

  def(type: TypeDef): TypeDef {
    switch (type.kind) {
      case "value":
        return { kind: "value", type: this.value(type.type) };
      case "func":
        return { kind: "func", type: this.func(type.type) };
      case "instance":
        return { kind: "instance", type: this.instance(type.type) };
      case "component":
        return { kind: "component", type: this.component(type.type) };
      case "resource":
        return { kind: "resource", resource: this.resource(type.resource) };
    }
  }
}

/** Returns a copy of an instance type for one use: each resource that it declares becomes a new one. Those are added to `fresh`. */
export function freshInstance(type: InstanceType, fresh: ResourceId[], spend: (work: number) => void): InstanceType {
  if (type.resources.length === 0) return type;
  const replacements = new Replacements();
  fresh.push(...replacements.refresh(type.resources));
  return { exports: new Substitution(replacements, spend).instance(type).exports, resources: [] };
}
