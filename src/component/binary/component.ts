import type { ComponentType, ExternType, FuncType, InstanceType, ResourceId } from "../types/types.ts";
import type { AsyncBuiltin, CanonOptions } from "./canon.ts";
import type { Feature } from "./features.ts";

/**
 * A parsed component: its definitions in order. Each definition adds one entry to the index space of its kind (an `instance` one to
 * that of instances), and refers to earlier entries by index. Types are resolved already.
 */
export interface Component {
  readonly kind: "component";
  /** Bytes from the start of the input. */
  readonly offset: number;
  readonly size: number;
  /** Names and types of its imports and exports. */
  readonly type: ComponentType;
  readonly definitions: readonly Definition[];
}

/** A component with the bytes that it was read from, which contain its core modules. */
export interface ComponentFile extends Component {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly uses: ReadonlySet<Feature>;
}

export type CoreSort = "func" | "table" | "memory" | "global" | "tag" | "type" | "module" | "instance";

/** A sort as a component sees it. Of the core sorts, only modules can be imported or exported. */
export type Sort = "module" | "func" | "value" | "type" | "component" | "instance";

export interface Reference<S> {
  readonly name: string;
  readonly sort: S;
  readonly index: number;
}

export type Definition =
  /** `offset`: bytes from the start of the input. */
  | { readonly kind: "core-module"; readonly offset: number; readonly size: number }
  | {
      readonly kind: "core-instantiate";
      readonly offset: number;
      readonly module: number;
      readonly args: readonly { readonly name: string; readonly instance: number }[];
    }
  | { readonly kind: "core-exports"; readonly exports: readonly Reference<CoreSort>[] }
  | { readonly kind: "component"; readonly component: Component }
  | {
      readonly kind: "instantiate";
      readonly component: number;
      readonly args: readonly Argument[];
      readonly type: InstanceType;
    }
  | { readonly kind: "exports"; readonly exports: readonly Argument[] }
  | { readonly kind: "alias-export"; readonly sort: Sort; readonly instance: number; readonly name: string }
  | { readonly kind: "alias-core-export"; readonly sort: CoreSort; readonly instance: number; readonly name: string }
  /** `count`: the number of enclosing components to go outwards. Outer aliases of types are resolved already. */
  | {
      readonly kind: "alias-outer";
      readonly sort: "module" | "component";
      readonly count: number;
      readonly index: number;
    }
  | { readonly kind: "resource"; readonly resource: ResourceId; readonly dtor: number | undefined }
  | {
      readonly kind: "lift";
      readonly func: number;
      readonly type: FuncType;
      readonly options: CanonOptions;
    }
  | { readonly kind: "lower"; readonly func: number; readonly type: FuncType; readonly options: CanonOptions }
  | { readonly kind: "resource.new" | "resource.drop" | "resource.rep"; readonly resource: ResourceId }
  | AsyncBuiltin
  | { readonly kind: "import"; readonly name: string; readonly type: ExternType }
  /** `type` may be a supertype of the exported item's, and name resources anew. */
  | ({ readonly kind: "export"; readonly type: ExternType } & Argument);

/** `resource`: the argument is that resource type. */
export interface Argument extends Reference<Sort> {
  readonly resource: ResourceId | undefined;
}

/** Whether `holds` is true of a definition of a component, or of one nested in it. */
export function hasDefinition({ definitions }: Component, holds: (definition: Definition) => boolean): boolean {
  return definitions.some((each) => (each.kind === "component" ? hasDefinition(each.component, holds) : holds(each)));
}
