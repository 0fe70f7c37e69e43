import { EngineTrap } from "../../wasm/engine-trap.ts";
import { type HandleBudget, HandleTable } from "./handles.ts";

/** What a component instance keeps while it runs. */
export class InstanceState {
  readonly parent: InstanceState | undefined;
  readonly handles: HandleTable;
  /** False while a call into it is under way, and for ever once one has trapped. */
  mayEnter = true;
  /** False while it may not call out: in `cabi_realloc` and `post-return`. */
  mayLeave = true;

  /** Whether it has been linked: until then nobody knows what its functions may reach. */
  linked = false;
  /** Whether something that it calls may suspend it. */
  suspends = false;
  readonly #suspendable: boolean;

  /** What ended it: a trap, an exit. */
  ended: { readonly error: unknown } | undefined;

  constructor(parent: InstanceState | undefined, budget: HandleBudget, suspendable: boolean) {
    this.parent = parent;
    this.#suspendable = suspendable;
    this.handles = new HandleTable(budget);
  }

  /** Whether a call into it may be suspended. Its functions call only what it was given. */
  get mayWait(): boolean {
    return this.suspends || (this.#suspendable && !this.linked);
  }

  /**
   * Throws what ends the instance through its frames. A guest with exception handling can catch a JS exception there, but not
   * get on: it may not call out again, and the call into it ends with the same error (Component Model, "lockdown").
   */
  end(error: unknown): never {
    this.ended ??= { error };
    this.mayLeave = false;
    throw error;
  }

  /**
   * Those that a call into this one enters, when `caller` (undefined: the host) makes it: itself and
   * its ancestors that the caller is not in.
   */
  enteredFrom(caller: InstanceState | undefined): readonly InstanceState[] {
    const around = new Set(caller?.lineage());
    return this.lineage().filter((instance) => !around.has(instance));
  }

  lineage(): InstanceState[] {
    const all: InstanceState[] = [];
    for (let instance: InstanceState | undefined = this; instance !== undefined; instance = instance.parent) {
      all.push(instance);
    }
    return all;
  }
}

export function cannotEnter(): never {
  throw new EngineTrap("wasm trap: cannot enter component instance");
}

export function cannotLeave(): never {
  throw new EngineTrap("wasm trap: cannot leave component instance");
}
