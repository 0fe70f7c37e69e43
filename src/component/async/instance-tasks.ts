import { Trap } from "../../core/wait/errors.ts";
import type { Waiting } from "../../core/wait/waiting.ts";
import type { JsFunction } from "../host.ts";
import { type TableEntry, unknownHandle } from "../instance/handles.ts";
import { type InstanceState, throwOut } from "../instance/state.ts";
import type { StreamOrFuture } from "../types/types.ts";
import type { Turn } from "./ready-queue.ts";
import type { Blockable, Running } from "./running.ts";
import type { Scheduler } from "./scheduler.ts";
import { SyncCall } from "./sync-call.ts";
import type { Home, Thread } from "./thread.ts";
import { ThreadTable } from "./thread-table.ts";
import { trap } from "./trap.ts";
import { Waitable, WaitableSet } from "./waitable.ts";

const MAX_BACKPRESSURE = 2 ** 16;

/** Who runs only while no other of the kind does. */
export interface ExclusiveHolder {
  /** Whether its core code, which was put aside where it waits, waits no longer for anything but its turn. */
  readonly canGoOn: boolean;
  /** How often it has gone on so. */
  readonly turns: number;
}

/** A task, as its instance sees it. */
export interface Entrant extends ExclusiveHolder, Turn {
  /** Whether it needs exclusivity. */
  readonly exclusive: boolean;
}

export interface Ends {
  lift(tasks: InstanceTasks, type: StreamOrFuture, index: number): unknown;
  lower(tasks: InstanceTasks, type: StreamOrFuture, value: unknown): number;
}

/** The tasks of one component instance: who may run, and who waits to (CanonicalABI.md, `ComponentInstance`). */
export class InstanceTasks implements Home {
  readonly state: InstanceState;
  readonly scheduler: Scheduler;
  /** How generated code lifts and lowers streams and futures (readable.ts). */
  readonly ends: Ends;
  readonly lineage: readonly InstanceState[];
  /** Undefined: it has no built-in of threads, so nobody asks for them. */
  readonly #threads: ThreadTable | undefined;
  /** The one whose core code is on the stack, or waits there: no other that needs exclusivity may run meanwhile. */
  #exclusive: ExclusiveHolder | undefined;
  /** Those that are ready but for that. */
  readonly #blocked: Entrant[] = [];
  /** Those that have not started. */
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

  /** From now on its threads know it by an index. */
  addThread(thread: Thread): void {
    this.#threads?.add(thread);
  }

  removeThread(thread: Thread): void {
    if (thread.index !== 0) this.#threads?.remove(thread);
  }

  /** @throws Trap */
  thread(index: number): Thread {
    return this.#threads?.get(index) ?? missing(index);
  }

  /** Returns the entry of an index of the table. */
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

  /** A function of no async type: each call of it has context slots of its own, and must return before it may wait. */
  call(lifted: JsFunction, entered: readonly InstanceState[]): JsFunction {
    const { scheduler, state } = this;
    return (...args) => {
      scheduler.mayEnter(entered);
      const { mayEnter } = state;
      // what ends it while its code runs leaves it so that it cannot be entered
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
   * Calls a function of its core code that must return before its caller goes on, with context slots of its own.
   *
   * @param entered The instances that the call enters
   * @param failed Told of what it rejects with
   */
  callInto<R>(entered: readonly InstanceState[], call: () => Waiting<R>, failed: (error: unknown) => void): Waiting<R> {
    const { scheduler } = this;
    if (!this.hasThreads) return scheduler.callInFrame(call, failed);
    return scheduler.callInThread(new SyncCall(this, entered, scheduler.current, scheduler.running), call, failed);
  }

  /** Throws on what came out of the core code of another component's call: it ends all. */
  failed(thrown: unknown): never {
    try {
      throwOut(thrown);
    } catch (error) {
      this.scheduler.fail(error);
      throw error;
    }
  }

  /** It is put back to its beginning, where it is idle. */
  rewind(): void {
    this.#threads?.clear();
  }

  /** Whether it has nothing of a guest: no task, and nothing in its table that others may tell something. */
  get idle(): boolean {
    if (this.#exclusive !== undefined || this.#backpressure > 0) return false;
    if (this.#blocked.length > 0 || this.#entering.length > 0) return false;
    return this.state.handles.slots.every((entry) => entry === undefined || entry.resource !== undefined);
  }

  /** Whether whoever needs exclusivity may start, and nobody waits to before it. */
  get free(): boolean {
    return this.#exclusive === undefined && this.#backpressure === 0 && this.#entering.length === 0;
  }

  /** Whether a task may start; else it waits until it may, behind those that do. */
  admit(task: Entrant): boolean {
    const at = this.#entering.indexOf(task);
    const admitted = !this.#refuses(task) && (at >= 0 || this.#entering.length === 0);
    if (!admitted && at < 0) this.#entering.push(task);
    if (admitted && at >= 0) this.#entering.splice(at, 1);
    // what one waits for need not be in the way of the next
    this.#enterNext();
    return admitted;
  }

  /** It will not start. */
  withdraw(task: Entrant): void {
    const at = this.#entering.indexOf(task);
    if (at >= 0) this.#entering.splice(at, 1);
    this.#enterNext();
  }

  #refuses(task: Entrant): boolean {
    return this.#backpressure > 0 || (task.exclusive && this.#exclusive !== undefined);
  }

  /** Whether a task has exclusivity from now on; else it becomes ready again when it may. */
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

  /** Where it is `free`: for a call that is no task. */
  hold(call: ExclusiveHolder): void {
    this.#exclusive = call;
  }

  /**
   * Who waits to enter may wait for one that can go on, and will make way. Undefined: there is none such; else whether that has had
   * a turn.
   */
  makesWay(): (() => boolean) | undefined {
    const holder = this.#exclusive;
    if (holder?.canGoOn !== true) return undefined;
    const { turns } = holder;
    return () => this.#exclusive !== holder || holder.turns !== turns;
  }

  release(): void {
    this.#exclusive = undefined;
    for (const task of this.#blocked) this.scheduler.ready(task);
    this.#enterNext();
  }

  /** The first that may start has its turn: it asks again then. */
  #enterNext(): void {
    if (this.#entering.length === 0) return;
    const task = this.#entering.find((each) => !this.#refuses(each));
    if (task !== undefined) this.scheduler.ready(task);
  }

  /** `backpressure.inc` and `backpressure.dec` */
  press(by: 1 | -1): void {
    this.#backpressure += by;
    if (this.#backpressure < 0 || this.#backpressure === MAX_BACKPRESSURE) trap("backpressure counter overflow");
    this.#enterNext();
  }
}

/**
 * Another component's calls of an async function with `async` on neither side, where nothing is suspended: the caller does nothing
 * until the function has returned, so none of them is a task, as in wasmtime. It has its instance's exclusivity: there is one at a
 * time, and this is used again for the next.
 */
export class CallInside implements Blockable, ExclusiveHolder {
  readonly #instance: InstanceTasks;
  readonly #entered: readonly InstanceState[];
  beneath: Running | undefined;
  slot0 = 0;
  slot1 = 0;
  readonly mayBlock = true;
  readonly canGoOn = false;
  readonly turns = 0;

  /** @param entered The instances that it enters */
  constructor(instance: InstanceTasks, entered: readonly InstanceState[]) {
    this.#instance = instance;
    this.#entered = entered;
  }

  /** Whether it can begin now, without waiting for others; not by a start function, which is no task's. */
  get mayBegin(): boolean {
    return this.#instance.free && this.#instance.scheduler.current !== undefined;
  }

  /** @throws EngineTrap if what it calls was ended; whether that may be entered is its caller's affair */
  begin(): void {
    const { scheduler } = this.#instance;
    scheduler.mayRun();
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

  inside(is: boolean): void {
    const entered = this.#entered;
    for (let i = 0; i < entered.length; i++) entered[i]!.mayEnter = !is;
  }
}

function missing(index: number): never {
  throw unknownHandle(index);
}
