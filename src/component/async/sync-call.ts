import type { InstanceState } from "../instance/state.ts";
import type { StackEntry } from "./call-stack.ts";
import { type Home, type Owner, type Settle, Thread } from "./thread.ts";

/**
 * A call of a function that is not async into an instance that has threads, with its implicit thread. Its caller continues when it
 * has returned. Before that it may wait as long as other threads of its instance can run. Only those have turns meanwhile
 * (CanonicalABI.md, `canon_lift`).
 */
export class SyncCall extends Thread implements Owner {
  readonly mayBlock = false;
  readonly exclusive = false;
  readonly owner = this;
  /** The number of calls into guests that ran when it began. As many run whenever no thread of it does. */
  readonly running: number;
  /** The instances that it has entered. */
  readonly #instances: readonly InstanceState[];
  #threads = 0;
  /** Resolves or rejects the wait of its caller; undefined until the call has returned. */
  #caller: Settle | undefined;

  constructor(instance: Home, instances: readonly InstanceState[], beneath: StackEntry | undefined, running: number) {
    super(instance);
    this.#instances = instances;
    this.beneath = beneath;
    this.running = running;
    this.where = "running";
    instance.addThread(this);
  }

  /** The number of its explicit threads that have not ended. They may run on after it has returned, as a task may. */
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

  /** Ends its implicit thread: the call has returned or failed. */
  end(): void {
    this.where = "over";
    // Otherwise calls whose threads run on would keep one another from being collected.
    this.beneath = undefined;
    this.instance.removeThread(this);
    this.settleResumer();
  }

  /** Records that it has returned. Its caller continues only when no thread runs that resumed within it. */
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
