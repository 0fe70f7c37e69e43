import type { ExposedState } from "../../wasm/edit/expose-state.ts";
import type { Defined } from "../../wasm/limits/module-budget.ts";
import type { CoreFunction } from "../../wasm/types.ts";
import type { Convention } from "../abi/emitter.ts";
import type { CallInside } from "../async/instance-tasks.ts";
import type { Lifted } from "../async/task.ts";
import type { Component, Definition } from "../binary/component.ts";
import type { Callee, HostFunction, JsFunction } from "../host.ts";
import type { ResourceType } from "../instance/handles.ts";
import type { InstanceState } from "../instance/state.ts";
import type { ResourceId } from "../types/types.ts";

/** What components import, export and pass to one another at run time. Types other than resources have no run-time form. */
export type Item =
  | ComponentFunc
  | { readonly kind: "instance"; readonly exports: Exports }
  | { readonly kind: "component"; readonly closure: Closure }
  | { readonly kind: "module"; readonly module: CoreModule }
  | { readonly kind: "resource"; readonly resource: ResourceType };

export type Exports = ReadonlyMap<string, Item>;

export type ComponentFunc =
  /** `host` is what the host gave, of which `target` may be a method. `mayWait`: unless it is asked, it is known. */
  | (Callee & { readonly kind: "host"; readonly host: HostFunction; readonly mayWait?: boolean })
  /** A function of a component, as `caller` (undefined: the host) calls it. */
  | {
      readonly kind: "lifted";
      /** The instance that it calls into. */
      readonly callee: InstanceState;
      /** Whether `as` makes functions that return promises: asked when it has been linked, or it may. */
      mayWait(): boolean;
      as(convention: Convention, caller: InstanceState | undefined): JsFunction;
      /** All of its core code that a call runs; undefined: there is more, or it is an async function's. */
      readonly core?: CoreFunction | undefined;
      /** An async function only: what another component's calls of it are tasks of, once all is linked. Undefined: nothing can wait. */
      readonly liftedFor?: (caller: InstanceState) => () => Lifted;
      /** An async function only: for calls that are no tasks. Undefined: all have to be. */
      readonly insideFor?: ((caller: InstanceState) => Inside) | undefined;
    };

/** A lift of an async function for who waits for it inside. */
export interface Inside {
  readonly call: CallInside;
  readonly lifted: JsFunction;
}

/** A component with what its outer aliases refer to. */
export interface Closure {
  readonly component: Component;
  readonly outer: Outer | undefined;
}

/** What outer aliases find in an enclosing component. */
export interface Outer {
  readonly parent: Outer | undefined;
  readonly components: readonly Closure[];
  readonly coreModules: readonly CoreModule[];
}

/** Compiled when it is first instantiated (compiled.ts). */
export type CoreModule = Definition & { readonly kind: "core-module" };

export interface CompiledModule {
  readonly module: WebAssembly.Module;
  readonly defined: Defined;
  /** The export that is to be called in the place of a start function, which can then be suspended. */
  readonly start: string | undefined;
  /** What it exports of its state; undefined: it cannot, or nobody wants to know (`CompileOptions.rewinding`). */
  readonly state: ExposedState | undefined;
  /** Whether its memory may be larger than it seems to its guest (wasm/edit/virtual-growth.ts). */
  readonly virtual: boolean;
}

/** The resources that the types of a component instance stand for. */
export interface Bind {
  known(id: ResourceId): ResourceType | undefined;
  resource(id: ResourceId, resource: ResourceType): void;
}
