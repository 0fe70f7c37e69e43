import type { ExposedState } from "../../wasm/edit/expose-state.ts";
import type { Defined } from "../../wasm/limits/module-budget.ts";
import type { CoreFunction } from "../../wasm/types.ts";
import type { Convention } from "../abi/emitter.ts";
import type { InlineCall } from "../async/instance-tasks.ts";
import type { TaskFunction } from "../async/task.ts";
import type { Component, Definition } from "../binary/component.ts";
import type { Callee, HostFunction, JsFunction } from "../host.ts";
import type { ResourceType } from "../instance/handles.ts";
import type { InstanceState } from "../instance/state.ts";
import type { ResourceId } from "../types/types.ts";

/** An item that components import, export and pass to one another at run time. Types other than resources have no run-time form. */
export type Item =
  | ComponentFunc
  | { readonly kind: "instance"; readonly exports: Exports }
  | { readonly kind: "component"; readonly closure: Closure }
  | { readonly kind: "module"; readonly module: CoreModule }
  | { readonly kind: "resource"; readonly resource: ResourceType };

export type Exports = ReadonlyMap<string, Item>;

export type ComponentFunc =
  /** `host` is the host's function or class; `target` may be a method of it. `mayWait` is known if it is given. */
  | (Callee & { readonly kind: "host"; readonly host: HostFunction; readonly mayWait?: boolean })
  /** A function of a component, as `caller` (undefined: the host) calls it. */
  | {
      readonly kind: "lifted";
      /** The instance that it belongs to. */
      readonly calleeInstance: InstanceState;
      /** Whether functions made by `as` may return promises. Before linking has ended it is true. */
      mayWait(): boolean;
      as(convention: Convention, caller: InstanceState | undefined): JsFunction;
      /** The core function, if it is all that a call runs; undefined otherwise, and for async functions. */
      readonly core?: CoreFunction | undefined;
      /**
       * For async functions: gives the function that tasks of another component's calls run, once all is linked. Undefined if
       * nothing can wait.
       */
      readonly taskFunctionFor?: (caller: InstanceState) => () => TaskFunction;
      /** For async functions: gives calls that are no tasks. Undefined if all calls must be tasks. */
      readonly inlineFor?: ((caller: InstanceState) => InlineLift) | undefined;
    };

/** A lift of an async function for callers that wait inside. No task is made. */
export interface InlineLift {
  readonly call: InlineCall;
  readonly lifted: JsFunction;
}

/** A component with the scope of its outer aliases. */
export interface Closure {
  readonly component: Component;
  readonly outer: Outer | undefined;
}

/** The items that outer aliases find in an enclosing component. */
export interface Outer {
  readonly parent: Outer | undefined;
  readonly components: readonly Closure[];
  readonly coreModules: readonly CoreModule[];
}

/** Compiled on first instantiation (compiled.ts). */
export type CoreModule = Definition & { readonly kind: "core-module" };

export interface CompiledModule {
  readonly module: WebAssembly.Module;
  readonly defined: Defined;
  /** The export to be called in place of the start function, so that it can be suspended. */
  readonly start: string | undefined;
  /** The exports with its state; undefined if it cannot be reset, or need not be (`CompileOptions.resetting`). */
  readonly state: ExposedState | undefined;
  /** Whether its memory may be larger than it seems to its guest (wasm/edit/oversized-memory.ts). */
  readonly oversizedMemory: boolean;
}

/** Binds the resources in the types of a component instance. */
export interface Bind {
  known(id: ResourceId): ResourceType | undefined;
  resource(id: ResourceId, resource: ResourceType): void;
}
