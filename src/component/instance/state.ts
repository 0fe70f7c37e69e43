import { Aborted } from "../../core/wait/errors.ts";
import { received } from "../../core/wait/uncatchable.ts";
import { EngineTrap, trapOf } from "../../wasm/engine-trap.ts";
import { type HandleBudget, HandleTable } from "./handles.ts";

/** What ends an instance while calls into it are under way (lifetime.ts), as those that are suspended see it. */
export interface Parking {
  /** What a guest is suspended for: the promise, or the end if that comes first. */
  park(promise: Promise<unknown>): Promise<unknown>;
}

/** The flags of an instance that fused calls see (component/fused), a word each, 0 where it may. */
export const MAY_NOT_LEAVE = 0;
export const MAY_NOT_ENTER = 1;
export const FLAGS = 2;
const ENTERED = 1;
/** A fused call has entered it, which nothing of the scheduler's knows of. */
export const BY_FUSED_CALL = 2;

/** What a component instance keeps while it runs. */
export class InstanceState {
  readonly parent: InstanceState | undefined;
  readonly handles: HandleTable;
  #mayEnter = true;
  #mayLeave = true;
  /** Where these two are once fused calls see them, too: from `#at` on. */
  #flags: Int32Array<ArrayBuffer> | undefined;
  #at = 0;
  /** Whether fused calls are refused from now on. */
  #stopped = false;

  /** Whether it has been linked: until then nobody knows what its functions may reach. */
  linked = false;
  /** Whether something that it calls may suspend it. */
  suspends = false;
  /** What its host, or the trap of another instance, has ended it with. */
  endedBy: unknown;
  /** Undefined: its host does not end it while calls are under way. */
  readonly lifetime: Parking | undefined;
  readonly #suspendable: boolean;

  constructor(parent: InstanceState | undefined, budget: HandleBudget, suspendable: boolean, lifetime?: Parking) {
    this.parent = parent;
    this.lifetime = lifetime;
    this.#suspendable = suspendable;
    this.handles = new HandleTable(budget);
  }

  /** False while a call into it is under way, and for ever once one has trapped. */
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

  /** From now on its flags are where fused calls see them, from `at` on. */
  share(flags: Int32Array<ArrayBuffer>, at: number): void {
    flags[at + MAY_NOT_LEAVE] = this.mayLeave && !this.#stopped ? 0 : 1;
    flags[at + MAY_NOT_ENTER] = this.mayEnter ? 0 : ENTERED;
    this.#flags = flags;
    this.#at = at;
  }

  /** Whether the call into it that is under way is a fused one. */
  get inFusedCall(): boolean {
    return this.#flags?.[this.#at + MAY_NOT_ENTER] === BY_FUSED_CALL;
  }

  /** It calls no other component by a fused call again. */
  stop(): void {
    this.#stopped = true;
    if (this.#flags !== undefined) this.#flags[this.#at + MAY_NOT_LEAVE] = 1;
  }

  /** Whether a call into it may be suspended. Its functions call only what it was given. */
  get mayWait(): boolean {
    return this.suspends || (this.#suspendable && !this.linked);
  }

  /**
   * Those that a call into this one enters, when `caller` (undefined: the host) makes it: itself and
   * its ancestors that the caller is not in (CanonicalABI.md, `entering_set`). So a parent may call its child, and a child its
   * parent, also while that waits for it. No instance calls itself.
   */
  enteredFrom(caller: InstanceState | undefined): readonly InstanceState[] {
    const around = new Set(caller?.lineage());
    return this.lineage().filter((instance) => !around.has(instance));
  }

  /** Whether a call into it has trapped. Asked while none is under way. */
  get ended(): boolean {
    return !this.mayEnter || !this.mayLeave;
  }

  /** For ever, whatever calls that are under way leave behind when they return. */
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
 * Throws on what came out of an instance's core code. No exception leaves a component: one that nobody in it caught ends it
 * (Component Model, "Component Invariants"). What the engine ends it with is a Trap from here on, with the frames that it has now.
 */
export function throwOut(error: unknown): never {
  if (error instanceof WebAssembly.Exception) escaped({ cause: error });
  const thrown = received(error);
  // What the host has thrown is the host's.
  throw thrown === error ? (trapOf(error, "call") ?? error) : thrown;
}

/** @param options Its cause, if that is known */
export function escaped(options: ErrorOptions = {}): never {
  throw new EngineTrap("wasm trap: uncaught exception propagated out of component", options);
}

/** What is told of the end of an instance: of one that its host has ended, the host's own error. */
export function endOf(cause: unknown): unknown {
  return cause instanceof Aborted ? cause.reason : cause;
}

/** @param cause What ended it before, if that is known */
export function cannotEnter(cause?: unknown): never {
  if (cause instanceof Aborted) throw cause.reason;
  throw new EngineTrap("wasm trap: cannot enter component instance", cause === undefined ? {} : { cause });
}

/** @param cause What ended it before, if that is known */
export function cannotLeave(cause?: unknown): never {
  if (cause instanceof Aborted) throw cause.reason;
  throw new EngineTrap("wasm trap: cannot leave component instance", cause === undefined ? {} : { cause });
}
