import type { InstanceState } from "../instance/state.ts";
import type { Running } from "./running.ts";
import { type Home, type Owner, type Settle, Thread } from "./thread.ts";

/**
 * A call of a function of no async type into an instance that has threads, with its implicit thread. Its caller goes on when it has
 * returned. It may wait before that as long as other threads of its instance can go on, which alone have turns meanwhile
 * (CanonicalABI.md, `canon_lift`).
 */
export class SyncCall extends Thread implements Owner {
  readonly mayBlock = false;
  readonly exclusive = false;
  readonly owner = this;
  /** How many calls into guests ran when it began: as many as run while no thread does that goes on within it. */
  readonly running: number;
  /** The instances that it has entered. */
  readonly #instances: readonly InstanceState[];
  #threads = 0;
  /** Lets its caller go on, or fail; undefined: it has not returned. */
  #caller: Settle | undefined;

  constructor(instance: Home, instances: readonly InstanceState[], beneath: Running | undefined, running: number) {
    super(instance);
    this.#instances = instances;
    this.beneath = beneath;
    this.running = running;
    this.where = "running";
    instance.addThread(this);
  }

  /** How many explicit threads of it have not ended: they may go on when it has returned, as a task does. */
  get threads(): number {
    return this.#threads;
  }

  set threads(count: number) {
    const { scheduler } = this.instance;
    if (this.#threads === 0) scheduler.tasks++;
    if (count === 0) scheduler.tasks--;
    this.#threads = count;
  }

  threadEnded(): void {}

  run(): void {
    this.resume();
  }

  /** It is over: it has returned, or failed. */
  end(): void {
    this.where = "over";
    // else calls whose threads have run on keep one another alive
    this.beneath = undefined;
    this.instance.removeThread(this);
    this.stopped();
  }

  /** It has returned, but its caller goes on only when no thread runs that goes on within it. */
  returned(caller: Settle): void {
    this.end();
    this.#setMayEnter(false);
    this.#caller = caller;
  }

  get hasReturned(): boolean {
    return this.#caller !== undefined;
  }

  leave(): void {
    const caller = this.#caller;
    this.#caller = undefined;
    this.#setMayEnter(true);
    caller?.resolve();
  }

  override abort(error: unknown): void {
    if (this.#caller === undefined) super.abort(error);
    else this.#caller.reject(error);
  }

  #setMayEnter(may: boolean): void {
    for (const instance of this.#instances) instance.mayEnter = may;
  }
}
