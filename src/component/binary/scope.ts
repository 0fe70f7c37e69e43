import { Interned } from "../../wasm/core-types.ts";
import type { Reader } from "../../wasm/reader.ts";
import type { CoreExternType, CoreFuncType, ModuleType } from "../../wasm/types.ts";
import type { ComponentType, ExternType, FuncType, InstanceType, ResourceId, TypeDef } from "../types/types.ts";
import type { Named } from "../types/visibility.ts";
import type { Feature } from "./features.ts";
import { NameSet } from "./name-set.ts";

export type CoreTypeDef =
  | { readonly kind: "func"; readonly id: number; readonly type: CoreFuncType }
  | { readonly kind: "module"; readonly type: ModuleType }
  /** A struct or an array: a component cannot use it. */
  | { readonly kind: "other"; readonly id: number };

/** The most work that the types of one input may cost: walks over them, and copies by instantiation. */
const maxTypeWork = 5_000_000;

/** The most instances, components and modules that a scope may have. */
const maxCount = 1000;

/** The largest size of a type, in types that it refers to: wasmtime's limit, which is checked for names only. */
const maxTypeSize = 1_000_000;

/** The limits and features of one input, shared by its scopes. */
export class Budget {
  readonly interned = new Interned();
  /** The features that it may use, and those that it uses. */
  readonly #allowed: ReadonlySet<Feature>;
  readonly used = new Set<Feature>();
  #left = maxTypeWork;

  constructor(allowed: ReadonlySet<Feature>) {
    this.#allowed = allowed;
  }

  /**
   * Records that the input uses a feature.
   *
   * @param what The item that requires it, for the message
   * @throws ParseError if the input may not use the feature
   */
  need(feature: Feature, reader: Reader, what: string, offset: number): void {
    if (!this.#allowed.has(feature)) reader.fail(`${what} the component model ${feature} feature`, offset);
    this.used.add(feature);
  }

  spend(reader: Reader, work: number): void {
    this.#left -= work;
    if (this.#left < 0) reader.fail(`types are too complex: the limit is ${maxTypeWork} steps`);
  }
}

export type ScopeKind = "component" | "component type" | "instance type";

/** The index spaces of a component, or of a component or instance type, while it is read. */
export class Scope {
  readonly kind: ScopeKind;
  readonly parent: Scope | undefined;
  readonly budget: Budget;
  readonly depth: number;

  readonly coreTypes: CoreTypeDef[] = [];
  readonly coreModules: ModuleType[] = [];
  readonly coreInstances: ReadonlyMap<string, CoreExternType>[] = [];
  readonly coreFuncs: CoreFuncType[] = [];
  readonly coreTables: CoreExternType[] = [];
  readonly coreMemories: CoreExternType[] = [];
  readonly coreGlobals: CoreExternType[] = [];
  readonly coreTags: CoreExternType[] = [];

  readonly types: TypeDef[] = [];
  readonly funcs: FuncType[] = [];
  readonly instances: InstanceType[] = [];
  readonly components: ComponentType[] = [];

  readonly imports = new Map<string, ExternType>();
  readonly exports = new Map<string, ExternType>();
  /** The types with a name that imports may use, and those with one that exports may use. */
  readonly namedImports: Named = new Set();
  readonly namedExports: Named = new Set();
  readonly importNames = new NameSet("import");
  readonly exportNames = new NameSet("export");
  readonly importedResources: ResourceId[] = [];
  readonly definedResources: ResourceId[] = [];
  /** The resources that are defined here: those that `resource.new` and `resource.rep` take. */
  readonly ownResources = new Set<ResourceId>();
  /** `ownResources`, and the resources of instances made here, without those that were exported. */
  readonly localResources = new Set<ResourceId>();

  constructor(kind: ScopeKind, parent: Scope | undefined, budget: Budget) {
    this.kind = kind;
    this.parent = parent;
    this.budget = budget;
    this.depth = parent === undefined ? 0 : parent.depth + 1;
  }

  /** Returns a function that charges the work of walks over types. */
  spender(reader: Reader): (work: number) => void {
    return (work) => this.budget.spend(reader, work);
  }

  /**
   * Refuses more of the items whose number is limited: instances of both kinds together, components, modules. The limits are
   * wasmtime's.
   *
   * @param coming The number of instances that follow
   */
  checkCounts(reader: Reader, offset: number, coming = 0): void {
    const fail = (what: string): never => reader.fail(`${what} count exceeds limit of ${maxCount}`, offset);
    if (this.instances.length + this.coreInstances.length + coming > maxCount) fail("instances");
    if (this.components.length > maxCount) fail("components");
    if (this.coreModules.length > maxCount) fail("modules");
  }

  /** Refuses more imports and exports than wasmtime allows. Each adds 1 or more to the size of the scope's type. */
  checkNames(reader: Reader, offset: number, coming: number): void {
    const size = 1 + this.imports.size + this.exports.size + coming;
    if (size >= maxTypeSize) reader.fail(`effective type size exceeds the limit of ${maxTypeSize}`, offset);
  }

  /** Returns the scope `count` steps outwards; undefined if there are not so many. */
  outer(count: number): Scope | undefined {
    if (count > this.depth) return undefined;
    let scope: Scope | undefined = this;
    for (let i = 0; i < count; i++) scope = scope?.parent;
    return scope;
  }
}

/** Returns the entry of an index space. @throws ParseError at `offset` if there is none */
export function entry<T>(space: readonly T[], index: number, what: string, reader: Reader, offset: number): T {
  const item = space[index];
  if (item === undefined) return reader.fail(`unknown ${what} ${index}: ${what} index out of bounds`, offset);
  return item;
}
