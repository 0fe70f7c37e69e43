import { Aborted } from "../../core/wait/errors.ts";
import { received } from "../../core/wait/uncatchable.ts";
import { EngineTrap, trapOf } from "../../wasm/engine-trap.ts";
import { type HandleBudget, HandleTable } from "./handles.ts";

/** The end of an instance while calls are under way (lifetime.ts), as suspended calls see it. */
export interface SuspendedCalls {
  /** Returns the promise that a guest is suspended for: it settles with `promise`, or rejects if the instance is ended before. */
  unlessEnded(promise: Promise<unknown>): Promise<unknown>;
}

/** The flags of an instance that fused calls see (component/fused), one word each. 0 means that it may. */
export const MAY_NOT_LEAVE = 0;
export const MAY_NOT_ENTER = 1;
export const FLAGS = 2;
const ENTERED = 1;
/** The value of MAY_NOT_ENTER while a fused call is inside, which the scheduler does not see. */
export const BY_FUSED_CALL = 2;

/** The run-time state of a component instance. */
export class InstanceState {
  readonly parent: InstanceState | undefined;
  readonly handles: HandleTable;
  #mayEnter = true;
  #mayLeave = true;
  /** The memory of both flags once fused calls see them, from `#at` on. */
  #flags: Int32Array<ArrayBuffer> | undefined;
  #at = 0;
  /** Whether fused calls are refused from now on. */
  #stopped = false;

  /** Whether it has been linked. Before that it is not known what its functions may call. */
  linked = false;
  /** Whether any of its imports may suspend it. */
  suspends = false;
  /** The error with which its host, or the trap of another instance, has ended it. */
  endedBy: unknown;
  /** Undefined if its host cannot end it while calls are under way. */
  readonly lifetime: SuspendedCalls | undefined;
  readonly #suspendable: boolean;

  constructor(
    parent: InstanceState | undefined,
    budget: HandleBudget,
    suspendable: boolean,
    lifetime?: SuspendedCalls,
  ) {
    this.parent = parent;
    this.lifetime = lifetime;
    this.#suspendable = suspendable;
    this.handles = new HandleTable(budget);
  }

  /** False while a call into it is under way, and for ever after a trap. */
  get mayEnter(): boolean {
    const flags = this.#flags;
    return flags === undefined ? this.#mayEnter : flags[this.#at + MAY_NOT_ENTER] === 0;
  }

  set mayEnter(may: boolean) {
    if (this.#flags === undefined) this.#mayEnter = may;
    else this.#flags[this.#at + MAY_NOT_ENTER] = may ? 0 : ENTERED;
  }

  /** False while it may not call out: in `cabi_realloc` and `post-return`. */
  get mayLeave(): boolean {
    return this.#mayLeave;
  }

  set mayLeave(may: boolean) {
    this.#mayLeave = may;
    if (this.#flags !== undefined) this.#flags[this.#at + MAY_NOT_LEAVE] = may && !this.#stopped ? 0 : 1;
  }

  /** Moves its flags to where fused calls see them, from index `at` on. */
  share(flags: Int32Array<ArrayBuffer>, at: number): void {
    flags[at + MAY_NOT_LEAVE] = this.mayLeave && !this.#stopped ? 0 : 1;
    flags[at + MAY_NOT_ENTER] = this.mayEnter ? 0 : ENTERED;
    this.#flags = flags;
    this.#at = at;
  }

  /** Whether a fused call into it is under way. */
  get inFusedCall(): boolean {
    return this.#flags?.[this.#at + MAY_NOT_ENTER] === BY_FUSED_CALL;
  }

  /** Makes its fused calls fail from now on. */
  stop(): void {
    this.#stopped = true;
    if (this.#flags !== undefined) this.#flags[this.#at + MAY_NOT_LEAVE] = 1;
  }

  /** Whether a call into it may be suspended. Its functions can only call its imports. */
  get mayWait(): boolean {
    return this.suspends || (this.#suspendable && !this.linked);
  }

  /**
   * Returns the instances that a call into this one enters, if `caller` (undefined: the host) makes it: itself and its ancestors,
   * without those that the caller is in (CanonicalABI.md, `entering_set`). So a parent may call its child, and a child its parent
   * even while that waits for it. No instance calls itself.
   */
  enteredFrom(caller: InstanceState | undefined): readonly InstanceState[] {
    const around = new Set(caller?.lineage());
    return this.lineage().filter((instance) => !around.has(instance));
  }

  /** Whether a call into it has trapped. To be asked while none is under way. */
  get ended(): boolean {
    return !this.mayEnter || !this.mayLeave;
  }

  /** Ends it for ever, whatever calls that are under way set when they return. */
  end(cause: unknown): void {
    this.endedBy = cause;
    this.stop();
    const never = { get: () => false, set: () => {} };
    Object.defineProperties(this, { mayEnter: never, mayLeave: never });
  }

  lineage(): InstanceState[] {
    const all: InstanceState[] = [];
    for (let instance: InstanceState | undefined = this; instance !== undefined; instance = instance.parent) {
      all.push(instance);
    }
    return all;
  }
}

/**
 * Rethrows an error that came out of an instance's core code. No exception leaves a component: one that it does not catch ends it
 * (Component Model, "Component Invariants"). What the engine ends it with is a Trap from here on, with the frames that it has now.
 */
export function throwOut(error: unknown): never {
  if (error instanceof WebAssembly.Exception) escaped({ cause: error });
  const thrown = received(error);
  // What the host has thrown is the host's.
  throw thrown === error ? (trapOf(error, "call") ?? error) : thrown;
}

/** Throws the trap for an exception that left a component. @param options Its cause, if that is known */
export function escaped(options: ErrorOptions = {}): never {
  throw new EngineTrap("wasm trap: uncaught exception propagated out of component", options);
}

/** Returns the error for calls of an instance that has ended: the host's own if the host has ended it. */
export function endOf(cause: unknown): unknown {
  return cause instanceof Aborted ? cause.reason : cause;
}

/** Throws for a call into an instance that may not be entered. @param cause The error that ended it, if that is known */
export function cannotEnter(cause?: unknown): never {
  if (cause instanceof Aborted) throw cause.reason;
  throw new EngineTrap("wasm trap: cannot enter component instance", cause === undefined ? {} : { cause });
}

/** Throws for a call out of an instance that may not call out. @param cause The error that ended it, if that is known */
export function cannotLeave(cause?: unknown): never {
  if (cause instanceof Aborted) throw cause.reason;
  throw new EngineTrap("wasm trap: cannot leave component instance", cause === undefined ? {} : { cause });
}
