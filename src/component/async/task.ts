import { Trap } from "../../core/wait/errors.ts";
import type { Waiting } from "../../core/wait/waiting.ts";
import type { StringEncoding } from "../binary/canon.ts";
import type { GuestMemory } from "../instance/memory.ts";
import { cannotEnter, type InstanceState } from "../instance/state.ts";
import type { ValType } from "../types/types.ts";
import { ExplicitThread } from "./explicit-thread.ts";
import type { InstanceTasks } from "./instance-tasks.ts";
import type { Running } from "./running.ts";
import { type Owner, THREAD_ENTRIES, Thread } from "./thread.ts";
import { trap } from "./trap.ts";
import { NONE, type SetWaiter, TASK_CANCELLED, type WaitableSet } from "./waitable.ts";

/** What a task counts for as resources, beside its threads. */
const TASK_ENTRIES = 1;

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
  /** The instances that a call of it enters, this one among them, as its caller is in others. */
  readonly entered: readonly InstanceState[];
  /** Whether another component calls it, and not the host. */
  readonly between: boolean;
  /** Lowers the arguments, calls the task's `enter`, and then the core function. */
  readonly start: (task: Task, ...args: readonly unknown[]) => Packed | Promise<Packed>;
  readonly callback: ((event: number, first: number, second: number) => number | Promise<number>) | undefined;
  /** Whether no other such task of the instance may run while its core code is on the stack, or waits there. */
  readonly exclusive: boolean;
  /** The result type and options that `task.return` must agree with; undefined: it returns as other functions do. */
  readonly returns: Returns | undefined;
  /** Lifts what its core function has returned, and returns that, where it returns as other functions do. */
  readonly finish: ((task: Task, returned: Packed) => void) | undefined;
}

export interface Returns {
  readonly result: ValType | undefined;
  readonly encoding: StringEncoding;
  readonly memory: GuestMemory | undefined;
}

/** Who has made a call: gives its arguments, and is answered by one of the others, once. */
export interface Call {
  /** The arguments: asked for when it starts. */
  lift(): readonly unknown[];
  returned(value: unknown): void;
  cancelled(): void;
  /** Its arguments are not of their types; the instance is as it was. Where nobody is told, that ends the guest. */
  refused?(error: unknown): void;
}

/** What a core function has returned. With a callback: whether it waits, and for which set. */
type Packed = number | bigint | undefined;

/**
 * A call of an async function of a component (CanonicalABI.md, `Task`), which is its own implicit thread: hardly any has others, and one
 * object for both is one allocation a call.
 */
export class Task extends Thread implements SetWaiter, Owner {
  readonly #lifted: Lifted;
  readonly #call: Call;
  #state: State = "initial";
  /** It was asked to end while its arguments were lowered. */
  #unwanted = false;
  /** The set whose event it waits for; undefined: it waits for its turn. */
  #waitsFor: WaitableSet | undefined;
  /** Borrow handles that it was given and has not dropped. */
  borrows = 0;
  /** How many explicit threads of it have not ended. */
  threads = 0;
  /** The task of the host's whose code, or what it has called, has called it. */
  readonly origin: Task;

  constructor(lifted: Lifted, call: Call) {
    super(lifted.instance);
    this.#lifted = lifted;
    this.#call = call;
    const { scheduler } = lifted.instance;
    this.origin = (lifted.between ? originOf(scheduler.current) : undefined) ?? this;
    scheduler.budget.addConcurrent(TASK_ENTRIES + THREAD_ENTRIES);
    scheduler.tasks++;
  }

  get owner(): this {
    return this;
  }

  get mayBlock(): true {
    return true;
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

  /** It is its turn: it begins, where the instance admits it, or goes on. */
  run(): void {
    if (this.where === "waiting") this.resume();
    else if (this.where === "between" && this.#isReady()) this.#go(this.instance.lineage);
  }

  /**
   * It is called, by code that is on the stack: it begins at once, where the instance admits it.
   *
   * @returns a promise while its core code has neither returned nor waits: its caller waits with it
   */
  call(): Waiting<void> {
    const { instance, entered } = this.#lifted;
    instance.scheduler.mayCall(entered);
    return this.#isReady() ? this.#nested(entered) : undefined;
  }

  /** Goes on on top of the code that is on the stack. */
  #nested(entered: readonly InstanceState[]): Waiting<void> {
    const { scheduler } = this.#lifted.instance;
    const { current } = scheduler;
    const untold = scheduler.untold();
    // a start function is no task's, and must not wait either
    if (current === undefined) scheduler.enter({ slot0: 0, slot1: 0, mayBlock: false, beneath: undefined });
    this.#go(entered);
    if (!this.isUnderWay) {
      scheduler.leave(current, untold);
      return undefined;
    }
    return new Promise<void>((resolve, reject) => {
      this.stops = { resolve, reject };
    }).then(() => scheduler.enter(current));
  }

  /** Whether it can begin, or go on; else it is told when it may. */
  #isReady(): boolean {
    const { instance, exclusive } = this.#lifted;
    const set = this.#waitsFor;
    if (this.#state === "initial") {
      if (!instance.admit(this)) return false;
    } else if (set !== undefined && set.first === undefined && this.#state !== "pending-cancel") return false;
    return !exclusive || instance.acquire(this);
  }

  #go(entered: readonly InstanceState[]): void {
    const { scheduler } = this.#lifted.instance;
    const { inside, current } = scheduler;
    const set = this.#waitsFor;
    this.#waitsFor = undefined;
    set?.unwait(this);
    this.entered = entered;
    this.where = "running";
    this.beneath = current;
    scheduler.inside = true;
    scheduler.begins();
    let packed: Packed | Promise<Packed>;
    try {
      packed = this.#state === "initial" ? this.#start() : this.#callBack(set);
      if (packed instanceof Promise) this.#suspended(packed);
      else this.ran(packed);
    } catch (error) {
      this.#failed(error);
    } finally {
      scheduler.inside = inside;
      if (!(packed instanceof Promise)) scheduler.ends();
    }
    // one that runs on has been suspended by the host: nothing else of the guest's runs meanwhile
    if (!this.isUnderWay) scheduler.enter(current);
  }

  /**
   * Its core code may be suspended. Whether it is, or has returned, is known already, unless the host has suspended it; what the
   * promise tells is that its stack is gone.
   */
  #suspended(packed: Promise<Packed>): void {
    this.#lifted.instance.scheduler.suspended(
      packed,
      () => {},
      (error) => this.#failed(error),
    );
  }

  /** Its core code is about to run. */
  enter(): void {
    const { entered } = this;
    const { instance } = this.#lifted;
    for (let i = 0; i < entered.length; i++) if (!entered[i]!.mayEnter) cannotEnter();
    this.inside(true);
    if (this.#state === "initial") {
      this.#state = this.#unwanted ? "pending-cancel" : "started";
      instance.addThread(this);
    }
    instance.scheduler.enter(this);
  }

  #failed(thrown: unknown): void {
    const { instance, exclusive } = this.#lifted;
    if (this.#state === "initial" && instance.state.mayEnter && this.#call.refused !== undefined) {
      this.#state = "withdrawn";
      this.#over();
      if (exclusive) instance.release();
      this.#call.refused(thrown);
      return;
    }
    this.fail(thrown);
  }

  #start(): Packed | Promise<Packed> {
    return this.#lifted.start(this, ...this.#call.lift());
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

  /** Its core code has returned: told at once, also where that may be suspended. */
  ran(packed: Packed): void {
    const { instance, exclusive, finish } = this.#lifted;
    finish?.(this, packed);
    const code = finish !== undefined || packed === undefined ? EXIT : Number(packed) & 15;
    const set = code === WAIT ? instance.set(Number(packed) >>> 4) : undefined;
    if (code === EXIT && this.threads === 0) this.#checkResult();
    if (code > WAIT) trap("unsupported callback code");
    this.where = "between";
    // else the tasks of a guest that the host suspends keep one another alive
    this.giveUp();
    // those that it kept from running come before its own next turn
    if (exclusive) instance.release();
    if (set !== undefined) this.#wait(set);
    else if (code === YIELD) instance.scheduler.ready(this);
    else this.#over();
  }

  /** Its implicit thread does not go on. */
  #over(): void {
    const { instance } = this.#lifted;
    this.where = "over";
    if (this.index !== 0) instance.removeThread(this);
    if (this.threads === 0) this.#ended(TASK_ENTRIES + THREAD_ENTRIES);
    else instance.scheduler.budget.removeConcurrent(THREAD_ENTRIES);
  }

  /** A thread that it has made is over, and it may be with the last of them. */
  threadEnded(): void {
    if (this.where !== "over" || this.threads > 0) return;
    this.#checkResult();
    this.#ended(TASK_ENTRIES);
  }

  #ended(entries: number): void {
    const { scheduler } = this.#lifted.instance;
    scheduler.budget.removeConcurrent(entries);
    scheduler.tasks--;
  }

  #checkResult(): void {
    if (!this.resolved) trap("async-lifted export failed to produce a result");
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
    this.#call.returned(value);
  }

  /** `task.cancel` */
  cancel(): void {
    if (this.#lifted.returns === undefined || (this.#state !== "resolved" && this.#state !== "cancel-delivered"))
      trap(NOT_CANCELLED);
    this.#end();
    this.#call.cancelled();
  }

  #end(): void {
    if (this.#state === "resolved") trap("`task.return` or `task.cancel` called more than once for current task");
    if (this.borrows !== 0) throw new Trap("borrow handles still remain at the end of the call");
    this.#state = "resolved";
  }

  /** Its caller wants it to end: told in its next turn where it waits outside, else at its next wait. */
  requestCancellation(): void {
    if (this.#state === "initial" && this.where === "running") {
      this.#unwanted = true;
    } else if (this.#state === "initial") {
      this.#state = "withdrawn";
      this.#over();
      this.#lifted.instance.withdraw(this);
      this.#call.cancelled();
    } else if (this.#state === "started") {
      this.#state = "pending-cancel";
      if (this.where === "between") this.notify();
    }
  }

  /**
   * The same, where the caller's code is on the stack: told at once, unless another task of its instance is in the way.
   *
   * @returns as `call`
   */
  cancelNow(): Waiting<void> {
    const { instance, exclusive, entered } = this.#lifted;
    const told = this.#state === "started" && this.where === "between" && entered.every(({ mayEnter }) => mayEnter);
    if (!told || (exclusive && !instance.acquire(this))) {
      this.requestCancellation();
      return undefined;
    }
    this.#state = "pending-cancel";
    return this.#nested(entered);
  }
}

/** The task of the host's that code on the stack runs for; undefined: none. */
export function originOf(running: Running | undefined): Task | undefined {
  for (let each = running; each !== undefined; each = each.beneath) {
    const task = taskOf(each);
    if (task !== undefined) return task.origin;
  }
  return undefined;
}

/** The task that code on the stack is of; undefined: it is of a call that is none. */
export function taskOf(running: Running | undefined): Task | undefined {
  if (running instanceof Task) return running;
  const owner = running instanceof ExplicitThread ? running.owner : undefined;
  return owner instanceof Task ? owner : undefined;
}
