import type { InlineCall, InstanceTasks } from "../async/instance-tasks.ts";
import type { JsFunction } from "../host.ts";
import type { ResourceType } from "../instance/handles.ts";
import type { GuestMemory } from "../instance/memory.ts";
import type { InstanceState } from "../instance/state.ts";
import type { ResourceId } from "../types/types.ts";

/** A value that generated code gets from each instance, beside its state and memory: a resource type, or a member of `Bindings`. */
export type Slot = keyof Bindings | ResourceId;

/** The values that a lift or lower is bound to, beside resource types. */
export interface Bindings {
  /** The function that a lower calls. */
  readonly callee?: unknown;
  /** The buffer in which a host function leaves bytes (host.ts, `resultBuffer`). */
  readonly received?: DataView | undefined;
  /** Suspends the guest until a promise resolves (wasm/jspi.ts). */
  readonly suspendUntil?: unknown;
  /** The `task.return` for callers that are other components. */
  readonly crossComponent?: unknown;
  /** The core function that a lift calls; `postReturn` is called after it. */
  readonly core?: unknown;
  readonly postReturn?: unknown;
  /** The tasks of the instance (component model async). */
  readonly tasks?: InstanceTasks | undefined;
  /** Calls of a lifted async function by another component for which no task is made. */
  readonly inline?: InlineCall | undefined;
  /** The function that is called instead where `inline` may not begin. */
  readonly withTask?: unknown;
  /** The instances that a call enters, innermost first. */
  readonly entered?: readonly InstanceState[];
}

/** The instance that a template is bound to. */
export interface Binder {
  readonly state: InstanceState;
  readonly memory: GuestMemory | undefined;
  resource(id: ResourceId): ResourceType;
}

type Bind = (state: InstanceState, memory: GuestMemory | undefined, bound: readonly unknown[]) => JsFunction;

/** A generated function that is not bound to an instance yet. Binding makes a closure, and no new code. */
export class Template {
  readonly #bind: Bind;
  readonly #slots: readonly Slot[];

  constructor(bind: Bind, slots: readonly Slot[]) {
    this.#bind = bind;
    this.#slots = slots;
  }

  bind({ state, memory, resource }: Binder, bindings: Bindings): JsFunction {
    const bound: unknown[] = [];
    for (const slot of this.#slots) bound.push(typeof slot === "string" ? bindings[slot] : resource(slot));
    return this.#bind(state, memory, bound);
  }
}
