import { Trap } from "../../core/wait/errors.ts";
import type { StringEncoding } from "../binary/canon.ts";
import type { GuestMemory } from "../instance/memory.ts";
import { cannotEnter, type InstanceState, throwOut } from "../instance/state.ts";
import type { ValType } from "../types/types.ts";
import type { InstanceTasks } from "./instance-tasks.ts";
import type { Turn } from "./ready-queue.ts";
import type { Running } from "./scheduler.ts";
import { trap } from "./trap.ts";
import { NONE, type SetWaiter, TASK_CANCELLED, type WaitableSet } from "./waitable.ts";

/** What a task counts for as resources: wasmtime has it, its thread, and a set of waitables for that. */
const TASK_ENTRIES = 3;

const EXIT = 0;
const YIELD = 1;
const WAIT = 2;

export const NOT_CANCELLED = "`task.cancel` called by task which has not been cancelled";

/** The states of a task (CanonicalABI.md, `Task.State`). */
type State =
  /** No code of the guest has run for it. */
  | "initial"
  | "started"
  /** It was asked to end, and will learn of it when it next waits. */
  | "pending-cancel"
  | "cancel-delivered"
  /** It has returned, or said that it was cancelled; it may go on. */
  | "resolved"
  /** It ended before any code of the guest ran for it. */
  | "withdrawn";

/** The function that a task is a call of. */
export interface Lifted {
  readonly instance: InstanceTasks;
  /** The instances that each run of it enters, this one among them. */
  readonly entered: readonly InstanceState[];
  readonly callback: ((event: number, first: number, second: number) => number | Promise<number>) | undefined;
  /** Whether no other such task of the instance may run while its core code is on the stack, or waits there. */
  readonly exclusive: boolean;
  /** The result type and options that `task.return` must agree with; undefined: it returns as other functions do. */
  readonly returns: Returns | undefined;
}

export interface Returns {
  readonly result: ValType | undefined;
  readonly encoding: StringEncoding;
  readonly memory: GuestMemory | undefined;
}

/** How a call is answered: by one of these, once. */
export interface Resolution {
  returned(value: unknown): void;
  cancelled(): void;
  /** Its arguments are not of their types; the instance is as it was. */
  refused(error: unknown): void;
}

/** The packed result of a callback, or of what has one; undefined: the function has none. */
type Packed = number | undefined;

/** A call of an async function of a component (CanonicalABI.md, `Task`, with its implicit thread). */
export class Task implements Running, SetWaiter, Turn {
  readonly #lifted: Lifted;
  /** Lowers the arguments and calls the core function. */
  readonly #start: (task: Task) => Packed | Promise<Packed>;
  readonly #resolution: Resolution;
  #state: State = "initial";
  /** The set whose event it waits for; undefined: it waits for its turn. */
  #waitsFor: WaitableSet | undefined;
  /** Borrow handles that it was given and has not dropped. */
  borrows = 0;
  slot0 = 0;
  slot1 = 0;
  readonly mayBlock = true;
  /** The scheduler's books. */
  nextReady: Turn | undefined;
  queued = false;

  /** @param start Lowers the arguments, calls `enter`, and then the core function */
  constructor(lifted: Lifted, start: (task: Task) => Packed | Promise<Packed>, resolution: Resolution) {
    this.#lifted = lifted;
    this.#start = start;
    this.#resolution = resolution;
    const { scheduler } = lifted.instance;
    scheduler.budget.addConcurrent(TASK_ENTRIES);
    scheduler.tasks++;
  }

  get lifted(): Lifted {
    return this.#lifted;
  }

  get resolved(): boolean {
    return this.#state === "resolved" || this.#state === "withdrawn";
  }

  get exclusive(): boolean {
    return this.#lifted.exclusive;
  }

  get entered(): readonly InstanceState[] {
    return this.#lifted.entered;
  }

  /** It is its turn: it begins, where the instance admits it, or goes on. */
  run(): void {
    const { instance, exclusive } = this.#lifted;
    const set = this.#waitsFor;
    const { scheduler } = instance;
    if (this.#state === "withdrawn") return;
    if (this.#state === "initial") {
      if (!instance.admit(this)) return;
    } else if (set !== undefined && set.first === undefined && this.#state !== "pending-cancel") return;
    if (exclusive && !instance.acquire(this)) return;
    this.#waitsFor = undefined;
    set?.unwait(this);
    const { inside } = scheduler;
    scheduler.inside = true;
    try {
      const packed = this.#state === "initial" ? this.#start(this) : this.#callBack(set);
      if (packed instanceof Promise)
        scheduler.suspended(
          packed,
          (later) => this.#ran(later),
          (error) => this.#failed(error),
        );
      else this.#ran(packed);
    } catch (error) {
      this.#failed(error);
    } finally {
      scheduler.inside = inside;
    }
  }

  /** Its core code is about to run. */
  enter(): void {
    const { instance, entered } = this.#lifted;
    for (const state of entered) {
      if (!state.mayEnter) cannotEnter();
    }
    for (const state of entered) state.mayEnter = false;
    if (this.#state === "initial") this.#state = "started";
    instance.scheduler.enter(this);
  }

  #failed(thrown: unknown): void {
    const { instance, exclusive } = this.#lifted;
    if (this.#state === "initial" && instance.state.mayEnter) {
      this.#state = "withdrawn";
      this.#over();
      if (exclusive) instance.release();
      this.#resolution.refused(thrown);
      return;
    }
    try {
      throwOut(thrown);
    } catch (error) {
      instance.scheduler.fail(error);
      throw error;
    }
  }

  #callBack(set: WaitableSet | undefined): number | Promise<number> {
    const callback = this.#lifted.callback!;
    this.enter();
    if (this.#state === "pending-cancel") {
      this.#state = "cancel-delivered";
      return callback(TASK_CANCELLED, 0, 0);
    }
    const waitable = set?.first;
    if (waitable === undefined) return callback(NONE, 0, 0);
    const { event, index } = waitable;
    return callback(event, index, waitable.take());
  }

  #ran(packed: Packed): void {
    const { instance, entered, exclusive } = this.#lifted;
    for (const state of entered) state.mayEnter = true;
    // those that it kept from running come before its own next turn
    if (exclusive) instance.release();
    const code = packed === undefined ? EXIT : packed & 15;
    switch (code) {
      case EXIT:
        if (this.#state !== "resolved") trap("async-lifted export failed to produce a result");
        this.#over();
        break;
      case YIELD:
        instance.scheduler.ready(this);
        break;
      case WAIT:
        this.#wait(instance.set(packed! >>> 4));
        break;
      default:
        trap("unsupported callback code");
    }
  }

  /** It does not go on. */
  #over(): void {
    const { scheduler } = this.#lifted.instance;
    scheduler.budget.removeConcurrent(TASK_ENTRIES);
    scheduler.tasks--;
  }

  #wait(set: WaitableSet): void {
    this.#waitsFor = set;
    set.wait(this);
    if (this.#state === "pending-cancel") this.notify();
  }

  /** There is something to go on with. */
  notify(): void {
    this.#lifted.instance.scheduler.ready(this);
  }

  /** `task.return` */
  return(value: unknown): void {
    this.#end();
    this.#resolution.returned(value);
  }

  /** `task.cancel` */
  cancel(): void {
    if (this.#lifted.returns === undefined || (this.#state !== "resolved" && this.#state !== "cancel-delivered"))
      trap(NOT_CANCELLED);
    this.#end();
    this.#resolution.cancelled();
  }

  #end(): void {
    if (this.#state === "resolved") trap("`task.return` or `task.cancel` called more than once for current task");
    if (this.borrows !== 0) throw new Trap("borrow handles still remain at the end of the call");
    this.#state = "resolved";
  }

  /** Its caller wants it to end: told at its next wait, at once where it waits now. */
  requestCancellation(): void {
    const { instance } = this.#lifted;
    if (this.#state === "initial") {
      this.#state = "withdrawn";
      this.#over();
      instance.withdraw(this);
      this.#resolution.cancelled();
    } else if (this.#state === "started") {
      this.#state = "pending-cancel";
      if (this.#waitsFor !== undefined) this.notify();
    }
  }
}
