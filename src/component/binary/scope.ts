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
  /** a struct, an array: nothing that a component can use */
  | { readonly kind: "other"; readonly id: number };

/** The most work that types may cost in one input: walks over them, and copies by instantiation. */
const maxTypeWork = 5_000_000;

/** How many instances, components and modules a scope may have. */
const maxCount = 1000;

/** The size of a type, in types that it refers to: wasmtime's limit, which is checked for names only. */
const maxTypeSize = 1_000_000;

/** What the whole input shares. */
export class Budget {
  readonly interned = new Interned();
  /** Those that it may use, and those that it uses. */
  readonly #allowed: ReadonlySet<Feature>;
  readonly used = new Set<Feature>();
  #left = maxTypeWork;

  constructor(allowed: ReadonlySet<Feature>) {
    this.#allowed = allowed;
  }

  /** @param what And that it requires. @throws ParseError if the input may not use the feature */
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
  /** What has a name that imports may use, and one that exports may use. */
  readonly namedImports: Named = new Set();
  readonly namedExports: Named = new Set();
  readonly importNames = new NameSet("import");
  readonly exportNames = new NameSet("export");
  readonly importedResources: ResourceId[] = [];
  readonly definedResources: ResourceId[] = [];
  /** The resources that have a body here: those that `resource.new` and `resource.rep` take. */
  readonly ownResources = new Set<ResourceId>();
  /** Those, and those of the instances made here, until an export takes them out. */
  readonly localResources = new Set<ResourceId>();

  constructor(kind: ScopeKind, parent: Scope | undefined, budget: Budget) {
    this.kind = kind;
    this.parent = parent;
    this.budget = budget;
    this.depth = parent === undefined ? 0 : parent.depth + 1;
  }

  /** Charges the work of walks over types. */
  spender(reader: Reader): (work: number) => void {
    return (work) => this.budget.spend(reader, work);
  }

  /**
   * Refuses more of what a scope may have few of: instances of both kinds together, components, modules. The limits are
   * wasmtime's.
   *
   * @param coming how many instances follow
   */
  checkCounts(reader: Reader, offset: number, coming = 0): void {
    const fail = (what: string): never => reader.fail(`${what} count exceeds limit of ${maxCount}`, offset);
    if (this.instances.length + this.coreInstances.length + coming > maxCount) fail("instances");
    if (this.components.length > maxCount) fail("components");
    if (this.coreModules.length > maxCount) fail("modules");
  }

  /** The same of imports and exports, each of which adds 1 or more to the size of the scope's type. */
  checkNames(reader: Reader, offset: number, coming: number): void {
    const size = 1 + this.imports.size + this.exports.size + coming;
    if (size >= maxTypeSize) reader.fail(`effective type size exceeds the limit of ${maxTypeSize}`, offset);
  }

  /** The scope `count` steps outwards; undefined if there are not so many. */
  outer(count: number): Scope | undefined {
    if (count > this.depth) return undefined;
    let scope: Scope | undefined = this;
    for (let i = 0; i < count; i++) scope = scope?.parent;
    return scope;
  }
}

/** The entry of an index space, or an error at `offset`. */
export function entry<T>(space: readonly T[], index: number, what: string, reader: Reader, offset: number): T {
  const item = space[index];
  if (item === undefined) return reader.fail(`unknown ${what} ${index}: ${what} index out of bounds`, offset);
  return item;
}
