import { coreMismatch } from "../../wasm/core-subtype.ts";
import type { ModuleType } from "../../wasm/types.ts";
import { isNominal } from "./layout.ts";
import { Replacements, Substitution } from "./substitute.ts";
import type { ComponentType, ExternType, FuncType, InstanceType, ResourceId, TypeDef, ValType } from "./types.ts";

/**
 * Why a type does not fit where another is expected, outermost reason first; undefined if it fits. Value types must be equal.
 * Instances, components and modules may have more than is expected.
 */
export type Mismatch = string | undefined;

/** Whether two types that were read already are the same. */
export function isSameType(a: ValType | undefined, b: ValType | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a === b || new Subtyping(() => {}).value(a, b) === undefined;
}

/** Compares types. `spend` is called with the work, and may throw to bound it. */
export class Subtyping {
  readonly #spend: (work: number) => void;

  constructor(spend: (work: number) => void) {
    this.#spend = spend;
  }

  extern(actual: ExternType, expected: ExternType): Mismatch {
    this.#spend(1);
    if (actual.kind !== expected.kind) return `expected ${describe(expected)}, found ${describe(actual)}`;
    switch (expected.kind) {
      case "func":
        return this.func((actual as typeof expected).type, expected.type);
      case "type":
        return this.def((actual as typeof expected).type, expected.type);
      case "instance":
        return this.instance((actual as typeof expected).type, expected.type);
      case "component":
        return this.component((actual as typeof expected).type, expected.type);
      case "module":
        return this.module((actual as typeof expected).type, expected.type);
    }
  }

  def(actual: TypeDef, expected: TypeDef): Mismatch {
    if (actual.kind !== expected.kind) return `expected ${describeDef(expected)}, found ${describeDef(actual)}`;
    switch (expected.kind) {
      case "value":
        return this.value((actual as typeof expected).type, expected.type);
      case "func":
        return this.func((actual as typeof expected).type, expected.type);
      case "instance":
        return this.instance((actual as typeof expected).type, expected.type);
      case "component":
        return this.component((actual as typeof expected).type, expected.type);
      case "resource":
        return this.resource((actual as typeof expected).resource, expected.resource);
    }
  }

  resource(actual: ResourceId, expected: ResourceId): Mismatch {
    return actual.root === expected.root ? undefined : "resource types are not the same";
  }

  func(actual: FuncType, expected: FuncType): Mismatch {
    if (actual === expected) return undefined;
    this.#spend(1);
    if (actual.async !== expected.async) {
      return `expected ${syncOrAsync(expected)} function, found ${syncOrAsync(actual)} function`;
    }
    if (actual.params.length !== expected.params.length) {
      return `expected ${expected.params.length} parameters, found ${actual.params.length}`;
    }
    for (const [i, param] of expected.params.entries()) {
      const given = actual.params[i]!;
      if (given.name !== param.name) return `expected parameter named \`${param.name}\`, found \`${given.name}\``;
      const why = this.value(given.type, param.type);
      if (why !== undefined) return `type mismatch in function parameter \`${param.name}\`: ${why}`;
    }
    if (actual.result === undefined || expected.result === undefined) {
      if (actual.result === expected.result) return undefined;
      return expected.result === undefined ? "expected no result, found one" : "expected a result, found none";
    }
    const why = this.value(actual.result, expected.result);
    return why && `type mismatch with result type: ${why}`;
  }

  value(actual: ValType, expected: ValType): Mismatch {
    if (actual === expected) return undefined;
    this.#spend(1);
    if (actual.kind !== expected.kind) return `expected ${valueName(expected)}, found ${valueName(actual)}`;
    switch (expected.kind) {
      case "record": {
        const { fields } = actual as typeof expected;
        if (fields.length !== expected.fields.length) {
          return `expected ${expected.fields.length} fields, found ${fields.length}`;
        }
        for (const [i, field] of expected.fields.entries()) {
          const given = fields[i]!;
          if (given.name !== field.name) return `expected field name \`${field.name}\`, found \`${given.name}\``;
          const why = this.value(given.type, field.type);
          if (why !== undefined) return `type mismatch in record field \`${field.name}\`: ${why}`;
        }
        return undefined;
      }
      case "tuple": {
        const { types } = actual as typeof expected;
        if (types.length !== expected.types.length) {
          return `expected ${expected.types.length} types, found ${types.length}`;
        }
        for (const [i, item] of expected.types.entries()) {
          const why = this.value(types[i]!, item);
          if (why !== undefined) return `type mismatch in tuple field ${i}: ${why}`;
        }
        return undefined;
      }
      case "variant": {
        const { cases } = actual as typeof expected;
        if (cases.length !== expected.cases.length) {
          return `expected ${expected.cases.length} cases, found ${cases.length}`;
        }
        for (const [i, item] of expected.cases.entries()) {
          const given = cases[i]!;
          if (given.name !== item.name) return `expected case named \`${item.name}\`, found \`${given.name}\``;
          const why = this.#payload(given.type, item.type, `case \`${item.name}\``);
          if (why !== undefined) return `type mismatch in variant case \`${item.name}\`: ${why}`;
        }
        return undefined;
      }
      case "enum":
      case "flags": {
        const { names } = actual as typeof expected;
        const same = names.length === expected.names.length && names.every((name, i) => name === expected.names[i]);
        return same ? undefined : `mismatch in ${expected.kind} elements`;
      }
      case "option":
        return this.value((actual as typeof expected).type, expected.type);
      case "result": {
        const given = actual as typeof expected;
        return this.#payload(given.ok, expected.ok, "ok type") ?? this.#payload(given.err, expected.err, "err type");
      }
      case "list": {
        const given = actual as typeof expected;
        if (given.length !== expected.length) {
          return `expected ${expected.length ?? "any number of"} elements, found ${given.length ?? "any number"}`;
        }
        return this.value(given.element, expected.element);
      }
      case "own":
      case "borrow":
        return this.resource((actual as typeof expected).resource, expected.resource);
      case "stream":
      case "future":
        return this.#payload((actual as typeof expected).payload, expected.payload, `${expected.kind} type`);
      default:
        return undefined;
    }
  }

  #payload(actual: ValType | undefined, expected: ValType | undefined, what: string): Mismatch {
    if (actual === undefined || expected === undefined) {
      if (actual === expected) return undefined;
      return expected === undefined ? `expected ${what} to not be present` : `expected ${what}, but found none`;
    }
    const why = this.value(actual, expected);
    return why && `type mismatch in ${what}: ${why}`;
  }

  instance(actual: InstanceType, expected: InstanceType): Mismatch {
    if (actual === expected) return undefined;
    for (const [name, wanted] of this.#matched(expected, actual).exports) {
      const given = actual.exports.get(name);
      if (given === undefined) return `missing expected export \`${name}\``;
      const why = this.extern(given, wanted);
      if (why !== undefined) return `type mismatch in instance export \`${name}\`: ${why}`;
    }
    return undefined;
  }

  /** Returns `expected`, with the resources that it declares replaced by those that `actual` has in their places. */
  #matched(expected: InstanceType, actual: InstanceType): InstanceType {
    if (expected.resources.length === 0) return expected;
    const replacements = new Replacements();
    const declared = new Set(expected.resources);
    replacements.matchResources({ kind: "instance", type: expected }, { kind: "instance", type: actual }, declared);
    return new Substitution(replacements, this.#spend).instance(expected);
  }

  component(actual: ComponentType, expected: ComponentType): Mismatch {
    if (actual === expected) return undefined;
    const outcome = this.instantiation(actual, expected.imports);
    if (outcome.why !== undefined) return outcome.why;
    return this.instance(outcome.type, { exports: expected.exports, resources: expected.definedResources });
  }

  /**
   * Returns the type of an instance of `component` that is given `imports`, or why they do not fit. `defined` are its own
   * new resources.
   */
  instantiation(
    component: ComponentType,
    imports: ReadonlyMap<string, ExternType>,
  ):
    | { readonly why: string }
    | { readonly why?: undefined; readonly type: InstanceType; readonly defined: readonly ResourceId[] } {
    const replacements = new Replacements();
    let substitution = new Substitution(replacements, this.#spend);
    const declared = new Set(component.importedResources);
    for (const [name, wanted] of component.imports) {
      const given = imports.get(name);
      if (given === undefined) return { why: `missing expected import \`${name}\`` };
      replacements.matchResources(wanted, given, declared);
      const why = this.extern(given, substitution.extern(wanted));
      if (why !== undefined) return { why: `type mismatch in import \`${name}\`: ${why}` };
      const known = replacements.values.size;
      replacements.matchValues(wanted, given);
      if (replacements.values.size !== known) substitution = new Substitution(replacements, this.#spend);
    }
    const defined = replacements.refresh(component.definedResources);
    return { type: substitution.instance({ exports: component.exports, resources: [] }), defined };
  }

  module(actual: ModuleType, expected: ModuleType): Mismatch {
    if (actual === expected) return undefined;
    const offered = new Map(expected.imports.map((item) => [JSON.stringify([item.module, item.name]), item.type]));
    for (const { module, name, type } of actual.imports) {
      const given = offered.get(JSON.stringify([module, name]));
      if (given === undefined) return `missing expected import \`${module}::${name}\``;
      const why = coreMismatch(given, type);
      if (why !== undefined) return `type mismatch in import \`${module}::${name}\`: ${why}`;
    }
    for (const [name, wanted] of expected.exports) {
      const given = actual.exports.get(name);
      if (given === undefined) return `missing expected export \`${name}\``;
      const why = coreMismatch(given, wanted);
      if (why !== undefined) return `type mismatch in export \`${name}\`: ${why}`;
    }
    return undefined;
  }
}

function syncOrAsync({ async }: FuncType): string {
  return async ? "async" : "sync";
}

function valueName(type: ValType): string {
  return type.info.weight === 1 &&
    type.info.flat?.length === 1 &&
    !isNominal(type) &&
    !type.info.owns &&
    !type.info.borrows &&
    !type.info.streams
    ? `primitive \`${type.kind}\``
    : type.kind;
}

function describe(type: ExternType): string {
  return type.kind === "type" ? describeDef(type.type) : type.kind;
}

function describeDef(type: TypeDef): string {
  return type.kind === "value" ? "defined type" : type.kind;
}
