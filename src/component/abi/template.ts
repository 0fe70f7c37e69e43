import type { CallInside, InstanceTasks } from "../async/instance-tasks.ts";
import type { JsFunction } from "../host.ts";
import type { ResourceType } from "../instance/handles.ts";
import type { GuestMemory } from "../instance/memory.ts";
import type { InstanceState } from "../instance/state.ts";
import type { ResourceId } from "../types/types.ts";

/** What generated code gets from each instance beside its state and memory: a resource type, or what `Given` has by a name. */
export type Slot = keyof Given | ResourceId;

/** What stands on either side of a lift or lower. */
export interface Given {
  /** What a lowering calls. */
  readonly callee?: unknown;
  /** Where a host function puts bytes (host.ts, `resultBuffer`). */
  readonly received?: DataView | undefined;
  /** Puts the guest aside until a promise resolves (wasm/jspi.ts). */
  readonly park?: unknown;
  /** The `task.return` for callers that are other components. */
  readonly between?: unknown;
  /** What a lift calls, and afterwards. */
  readonly core?: unknown;
  readonly postReturn?: unknown;
  /** The tasks of the instance (component model async). */
  readonly tasks?: InstanceTasks | undefined;
  /** The call of a lifted async function from another component that makes no task. */
  readonly inside?: CallInside | undefined;
  /** What is called where that may not begin. */
  readonly withTask?: unknown;
  /** The instances that a call enters, innermost first. */
  readonly entered?: readonly InstanceState[];
}

/** The instance that binds. */
export interface Binder {
  readonly state: InstanceState;
  readonly memory: GuestMemory | undefined;
  resource(id: ResourceId): ResourceType;
}

type Bind = (state: InstanceState, memory: GuestMemory | undefined, bound: readonly unknown[]) => JsFunction;

/** A generated function before it belongs to an instance. Binding it makes a closure, and no code. */
export class Template {
  readonly #bind: Bind;
  readonly #slots: readonly Slot[];

  constructor(bind: Bind, slots: readonly Slot[]) {
    this.#bind = bind;
    this.#slots = slots;
  }

  bind({ state, memory, resource }: Binder, given: Given): JsFunction {
    const bound: unknown[] = [];
    for (const slot of this.#slots) bound.push(typeof slot === "string" ? given[slot] : resource(slot));
    return this.#bind(state, memory, bound);
  }
}
