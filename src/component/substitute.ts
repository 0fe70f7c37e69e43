import {
  type ComponentType,
  type ExternType,
  type FuncType,
  handle,
  type InstanceType,
  list,
  option,
  ResourceId,
  record,
  result,
  type TypeDef,
  tuple,
  type ValType,
  variant,
} from "./types.ts";

/** Puts resources in the place of others in types. What holds none of them is shared, not copied. */
export class Substitution {
  readonly #resources: ReadonlyMap<ResourceId, ResourceId>;
  readonly #made = new Map<object, unknown>();
  readonly #spend: (weight: number) => void;

  /** `spend` is told the work of each copied type; it may throw to bound it. */
  constructor(resources: ReadonlyMap<ResourceId, ResourceId>, spend: (weight: number) => void) {
    this.#resources = resources;
    this.#spend = spend;
  }

  resource(id: ResourceId): ResourceId {
    return this.#resources.get(id) ?? id;
  }

  #once<T extends object>(type: T, make: () => T): T {
    if (this.#resources.size === 0) return type;
    const known = this.#made.get(type);
    if (known !== undefined) return known as T;
    this.#spend(1);
    const made = make();
    this.#made.set(type, made);
    return made;
  }

  value(type: ValType): ValType {
    if (!type.info.owns && !type.info.borrows) return type;
    return this.#once(type, () => {
      switch (type.kind) {
        case "own":
        case "borrow":
          return handle(type.kind, this.resource(type.resource));
        case "record":
          return record(type.fields.map((field) => ({ name: field.name, type: this.value(field.type) })));
        case "tuple":
          return tuple(type.types.map((item) => this.value(item)));
        case "variant":
          return variant(type.cases.map((c) => ({ name: c.name, type: c.type && this.value(c.type) })));
        case "option":
          return option(this.value(type.type));
        case "result":
          return result(type.ok && this.value(type.ok), type.err && this.value(type.err));
        case "list":
          return list(this.value(type.element), type.length);
        default:
          return type;
      }
    });
  }

  func(type: FuncType): FuncType {
    return this.#once(type, () => ({
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

/** A use of an instance type: each resource that it declares becomes a new one. `fresh` gets those. */
export function freshInstance(type: InstanceType, fresh: ResourceId[], spend: (weight: number) => void): InstanceType {
  if (type.resources.length === 0) return type;
  const resources = new Map<ResourceId, ResourceId>();
  for (const id of type.resources) {
    const made = new ResourceId(id.name);
    resources.set(id, made);
    fresh.push(made);
  }
  return { exports: new Substitution(resources, spend).instance(type).exports, resources: [] };
}
