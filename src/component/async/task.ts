import { Trap } from "../../core/wait/errors.ts";
import type { StringEncoding } from "../binary/canon.ts";
import type { GuestMemory } from "../instance/memory.ts";
import { cannotEnter, type InstanceState, throwOut } from "../instance/state.ts";
import type { ValType } from "../types/types.ts";
import type { InstanceTasks } from "./instance-tasks.ts";
import type { Runnable, Running } from "./scheduler.ts";
import { trap } from "./trap.ts";
import { NONE, type SetWaiter, TASK_CANCELLED, type WaitableSet } from "./waitable.ts";

const EXIT = 0;
const YIELD = 1;
const WAIT = 2;

/** The states of a task (CanonicalABI.md, `Task.State`). */
type State =
  /** No code of the guest has run for it. */
  | "initial"
  | "started"
  /** It was asked to end, and will learn of it when it next waits. */
  | "pending-cancel"
  | "cancel-delivered"
  /** It has returned, or said that it was cancelled; it may go on. */
  | "resolved";

/** What a task is a call of. */
export interface Lifted {
  readonly instance: InstanceTasks;
  /** The instances that each run of it enters, this one among them. */
  readonly entered: readonly InstanceState[];
  readonly callback: ((event: number, first: number, second: number) => number | Promise<number>) | undefined;
  /** What `task.return` must agree with. */
  readonly returns: Returns;
}

export interface Returns {
  readonly result: ValType | undefined;
  readonly encoding: StringEncoding;
  readonly memory: GuestMemory | undefined;
}

/** The packed result of a callback, or of what has one; undefined: the function has none. */
type Packed = number | undefined;

/** A call of an async function of a component (CanonicalABI.md, `Task`, with its implicit thread). */
export class Task implements Running, Runnable, SetWaiter {
  readonly #lifted: Lifted;
  /** Lowers the arguments and calls the core function. */
  readonly #start: (task: Task) => Packed | Promise<Packed>;
  readonly #resolve: (value: unknown, cancelled: boolean) => void;
  #state: State = "initial";
  /** The set whose event it waits for; undefined: it waits for its turn. */
  #waitsFor: WaitableSet | undefined;
  /** Borrow handles that it was given and has not dropped. */
  borrows = 0;
  slot0 = 0;
  slot1 = 0;
  readonly mayBlock = true;
  /** The scheduler's books. */
  nextReady: Runnable | undefined;
  queued = false;

  /**
   * @param start Lowers the arguments and calls the core function
   * @param resolve Told of its result, or that it was cancelled
   */
  constructor(
    lifted: Lifted,
    start: (task: Task) => Packed | Promise<Packed>,
    resolve: (value: unknown, cancelled: boolean) => void,
  ) {
    this.#lifted = lifted;
    this.#start = start;
    this.#resolve = resolve;
  }

  get lifted(): Lifted {
    return this.#lifted;
  }

  get resolved(): boolean {
    return this.#state === "resolved";
  }

  /** Begins, at once where the instance admits it. */
  begin(): void {
    if (this.#lifted.instance.admit(this)) this.run();
  }

  /** It is its turn. */
  run(): void {
    const { instance, entered, callback } = this.#lifted;
    const set = this.#waitsFor;
    if (set !== undefined && set.first === undefined && this.#state !== "pending-cancel") {
      // somebody else has taken the event
      set.wait(this);
      return;
    }
    if (!instance.acquire(this)) return;
    this.#waitsFor = undefined;
    for (const state of entered) {
      if (!state.mayEnter) cannotEnter();
    }
    for (const state of entered) state.mayEnter = false;
    instance.scheduler.enter(this);
    let packed: Packed | Promise<Packed>;
    try {
      if (this.#state === "initial") {
        this.#state = "started";
        packed = this.#start(this);
      } else {
        packed = this.#callBack(callback!, set);
      }
    } catch (error) {
      throwOut(error);
    }
    if (packed instanceof Promise) instance.scheduler.suspended(packed.catch(throwOut), (later) => this.#ran(later));
    else this.#ran(packed);
  }

  #callBack(callback: NonNullable<Lifted["callback"]>, set: WaitableSet | undefined): number | Promise<number> {
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
    const { instance, entered } = this.#lifted;
    for (const state of entered) state.mayEnter = true;
    const code = packed === undefined ? EXIT : packed & 15;
    switch (code) {
      case EXIT:
        if (this.#state !== "resolved") trap("async-lifted export failed to produce a result");
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
    instance.release();
  }

  #wait(set: WaitableSet): void {
    this.#waitsFor = set;
    if (set.first !== undefined || this.#state === "pending-cancel") this.#lifted.instance.scheduler.ready(this);
    else set.wait(this);
  }

  /** There is an event in the set that it waits for. */
  notify(): void {
    this.#waitsFor?.unwait(this);
    this.#lifted.instance.scheduler.ready(this);
  }

  /** `task.return` */
  return(value: unknown): void {
    this.#end();
    this.#resolve(value, false);
  }

  /** `task.cancel` */
  cancel(): void {
    if (this.#state !== "resolved" && this.#state !== "cancel-delivered")
      trap("`task.cancel` called by task which has not been cancelled");
    this.#end();
    this.#resolve(undefined, true);
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
      instance.withdraw(this);
      this.#state = "resolved";
      this.#resolve(undefined, true);
    } else if (this.#state === "started") {
      this.#state = "pending-cancel";
      if (this.#waitsFor !== undefined) this.notify();
    }
  }
}
