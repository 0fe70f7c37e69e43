import { Trap } from "../../core/wait/errors.ts";
import type { Waiting } from "../../core/wait/waiting.ts";
import type { JsFunction } from "../host.ts";
import { type TableEntry, unknownHandle } from "../instance/handles.ts";
import { type InstanceState, throwOut } from "../instance/state.ts";
import type { StreamOrFuture } from "../types/types.ts";
import type { Blockable, StackEntry } from "./call-stack.ts";
import type { ReadyItem } from "./ready-queue.ts";
import type { Scheduler } from "./scheduler.ts";
import { SyncCall } from "./sync-call.ts";
import type { Home, Thread } from "./thread.ts";
import { ThreadTable } from "./thread-table.ts";
import { trap } from "./trap.ts";
import { Waitable, WaitableSet } from "./waitable.ts";

const MAX_BACKPRESSURE = 2 ** 16;

/** A task or call that runs only while no other exclusive one of its instance does. */
export interface ExclusiveHolder {
  /** Whether its core code is suspended in a wait that is over, so that it only waits for its turn. */
  readonly canResume: boolean;
  /** The number of times that its core code has resumed. */
  readonly resumes: number;
}

/** A task as its instance sees it. */
export interface Entrant extends ExclusiveHolder, ReadyItem {
  /** Whether it needs exclusivity. */
  readonly exclusive: boolean;
}

export interface Ends {
  lift(tasks: InstanceTasks, type: StreamOrFuture, index: number): unknown;
  lower(tasks: InstanceTasks, type: StreamOrFuture, value: unknown): number;
}

/** The tasks of one component instance: which may run, and which wait to (CanonicalABI.md, `ComponentInstance`). */
export class InstanceTasks implements Home {
  readonly state: InstanceState;
  readonly scheduler: Scheduler;
  /** Lifts and lowers streams and futures, for generated code (readable.ts). */
  readonly ends: Ends;
  readonly lineage: readonly InstanceState[];
  /** Undefined if the instance has no built-in of threads, so that their indices are never used. */
  readonly #threads: ThreadTable | undefined;
  /** The exclusive task or call whose core code is on a stack. No other exclusive one may run meanwhile. */
  #exclusive: ExclusiveHolder | undefined;
  /** Tasks that are ready, but wait for exclusivity. */
  readonly #blocked: Entrant[] = [];
  /** Tasks that have not started. */
  readonly #entering: Entrant[] = [];
  #backpressure = 0;

  constructor(state: InstanceState, scheduler: Scheduler, ends: Ends, hasThreads: boolean) {
    this.state = state;
    this.scheduler = scheduler;
    this.ends = ends;
    this.lineage = state.lineage();
    this.#threads = hasThreads ? new ThreadTable() : undefined;
  }

  get hasThreads(): boolean {
    return this.#threads !== undefined;
  }

  /** Gives a thread an index. */
  addThread(thread: Thread): void {
    this.#threads?.add(thread);
  }

  removeThread(thread: Thread): void {
    if (thread.index !== 0) this.#threads?.remove(thread);
  }

  /** @throws Trap if there is no such thread */
  thread(index: number): Thread {
    return this.#threads?.get(index) ?? missing(index);
  }

  /** Returns the entry at an index of the handle table. @throws Trap if there is none */
  entry(index: number): TableEntry {
    return this.state.handles.slots[index] ?? missing(index);
  }

  set(index: number, words = "handle is not an waitable-set"): WaitableSet {
    const found = this.entry(index);
    if (!(found instanceof WaitableSet)) throw new Trap(words);
    return found;
  }

  waitable(index: number): Waitable {
    const found = this.entry(index);
    if (!(found instanceof Waitable)) throw new Trap("handle is not a waitable");
    return found;
  }

  add(waitable: Waitable): number {
    waitable.index = this.state.handles.addEntry(waitable);
    return waitable.index;
  }

  remove(waitable: Waitable): void {
    waitable.join(undefined);
    this.state.handles.removeEntry(waitable.index);
  }

  /**
   * Returns a lifted function that is not async as the host calls it. Each call has context slots of its own, and must return
   * before it may wait.
   */
  call(lifted: JsFunction, entered: readonly InstanceState[]): JsFunction {
    const { scheduler, state } = this;
    return (...args) => {
      scheduler.checkEntry(entered);
      const { mayEnter } = state;
      // an error while its code runs leaves the instance so that it cannot be entered
      const ended = (error: unknown) => {
        if (mayEnter && !state.mayEnter) scheduler.fail(error);
      };
      try {
        return this.callInto(entered, () => lifted(...args), ended);
      } catch (error) {
        ended(error);
        throw error;
      }
    };
  }

  /**
   * Calls core code that must return before its caller continues, with context slots of its own.
   *
   * @param entered The instances that the call enters
   * @param failed Called with its rejection
   */
  callInto<R>(entered: readonly InstanceState[], call: () => Waiting<R>, failed: (error: unknown) => void): Waiting<R> {
    const { scheduler } = this;
    if (!this.hasThreads) return scheduler.callInFrame(call, failed);
    return scheduler.callInThread(new SyncCall(this, entered, scheduler.current, scheduler.running), call, failed);
  }

  /** Rethrows an exception that came out of core code called by another component. It ends all guests of the scheduler. */
  failed(thrown: unknown): never {
    try {
      throwOut(thrown);
    } catch (error) {
      this.scheduler.fail(error);
      throw error;
    }
  }

  /** Resets an idle instance to its initial state. */
  reset(): void {
    this.#threads?.clear();
  }

  /** Whether nothing of a guest is left: no task, and no entry in the table that may still get events. */
  get idle(): boolean {
    if (this.#exclusive !== undefined || this.#backpressure > 0) return false;
    if (this.#blocked.length > 0 || this.#entering.length > 0) return false;
    return this.state.handles.slots.every((entry) => entry === undefined || entry.resource !== undefined);
  }

  /** Whether a task that needs exclusivity may start at once, with none waiting before it. */
  get free(): boolean {
    return this.#exclusive === undefined && this.#backpressure === 0 && this.#entering.length === 0;
  }

  /** Returns whether a task may start. If not, it waits behind the others that do. */
  admit(task: Entrant): boolean {
    const at = this.#entering.indexOf(task);
    const admitted = !this.#refuses(task) && (at >= 0 || this.#entering.length === 0);
    if (!admitted && at < 0) this.#entering.push(task);
    if (admitted && at >= 0) this.#entering.splice(at, 1);
    // The reason why this one waits need not keep the next from starting.
    this.#enterNext();
    return admitted;
  }

  /** Removes a task that will not start. */
  withdraw(task: Entrant): void {
    const at = this.#entering.indexOf(task);
    if (at >= 0) this.#entering.splice(at, 1);
    this.#enterNext();
  }

  #refuses(task: Entrant): boolean {
    return this.#backpressure > 0 || (task.exclusive && this.#exclusive !== undefined);
  }

  /** Gives a task exclusivity. Returns false if another has it: the task becomes ready when it is released. */
  acquire(task: Entrant): boolean {
    const at = this.#blocked.indexOf(task);
    if (this.#exclusive === undefined) {
      this.#exclusive = task;
      if (at >= 0) this.#blocked.splice(at, 1);
      return true;
    }
    if (at < 0) this.#blocked.push(task);
    return false;
  }

  /** Gives exclusivity to a call that is no task. To be called only while `free`. */
  hold(call: ExclusiveHolder): void {
    this.#exclusive = call;
  }

  /**
   * Tells whether a task that waits to enter is kept waiting by a suspended one that can run. Undefined if not; otherwise a
   * function that tells whether that one has run since.
   */
  blockedByReady(): (() => boolean) | undefined {
    const holder = this.#exclusive;
    if (holder?.canResume !== true) return undefined;
    const { resumes } = holder;
    return () => this.#exclusive !== holder || holder.resumes !== resumes;
  }

  release(): void {
    this.#exclusive = undefined;
    for (const task of this.#blocked) this.scheduler.ready(task);
    this.#enterNext();
  }

  /** Makes the first task that may start ready. It calls `admit` again in its turn. */
  #enterNext(): void {
    if (this.#entering.length === 0) return;
    const task = this.#entering.find((each) => !this.#refuses(each));
    if (task !== undefined) this.scheduler.ready(task);
  }

  /** `backpressure.inc` and `backpressure.dec` */
  changeBackpressure(by: 1 | -1): void {
    this.#backpressure += by;
    if (this.#backpressure < 0 || this.#backpressure === MAX_BACKPRESSURE) trap("backpressure counter overflow");
    this.#enterNext();
  }
}

/**
 * Calls by another component of an async function with `async` on neither side, where nothing is suspended. The caller does nothing
 * until the function has returned, so such a call is no task, as in wasmtime. It has the exclusivity of its instance: there is one
 * at a time, and the object is used again for the next.
 */
export class InlineCall implements Blockable, ExclusiveHolder {
  readonly #instance: InstanceTasks;
  readonly #entered: readonly InstanceState[];
  beneath: StackEntry | undefined;
  slot0 = 0;
  slot1 = 0;
  readonly mayBlock = true;
  readonly canResume = false;
  readonly resumes = 0;

  /** @param entered The instances that a call enters */
  constructor(instance: InstanceTasks, entered: readonly InstanceState[]) {
    this.#instance = instance;
    this.#entered = entered;
  }

  /** Whether a call can begin now, without waiting. A start function cannot make one, as it belongs to no task. */
  get mayBegin(): boolean {
    return this.#instance.free && this.#instance.scheduler.current !== undefined;
  }

  /** Begins a call. The caller checks whether the instances may be entered. @throws EngineTrap if the guest was ended */
  begin(): void {
    const { scheduler } = this.#instance;
    scheduler.checkRunning();
    this.#instance.hold(this);
    this.slot0 = 0;
    this.slot1 = 0;
    this.beneath = scheduler.current;
    scheduler.enter(this);
  }

  end(): void {
    this.#instance.release();
    this.#instance.scheduler.enter(this.beneath);
  }

  markEntered(is: boolean): void {
    const entered = this.#entered;
    for (let i = 0; i < entered.length; i++) entered[i]!.mayEnter = !is;
  }
}

function missing(index: number): never {
  throw unknownHandle(index);
}
