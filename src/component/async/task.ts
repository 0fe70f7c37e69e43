import { Trap } from "../../core/wait/errors.ts";
import type { Waiting } from "../../core/wait/waiting.ts";
import type { StringEncoding } from "../binary/canon.ts";
import type { GuestMemory } from "../instance/memory.ts";
import { cannotEnter, type InstanceState } from "../instance/state.ts";
import type { ValType } from "../types/types.ts";
import type { StackEntry } from "./call-stack.ts";
import { ExplicitThread } from "./explicit-thread.ts";
import type { InstanceTasks } from "./instance-tasks.ts";
import { type Owner, THREAD_RESOURCE_WEIGHT, Thread } from "./thread.ts";
import { trap } from "./trap.ts";
import { NONE, type SetWaiter, TASK_CANCELLED, type WaitableSet } from "./waitable.ts";

/** The number of resources that a task counts as, beside its threads. */
const TASK_RESOURCE_WEIGHT = 1;

const EXIT = 0;
const YIELD = 1;
const WAIT = 2;

export const NOT_CANCELLED = "`task.cancel` called by task which has not been cancelled";

/** The states of a task (CanonicalABI.md, `Task.State`). */
type State =
  /** No code of the guest has run for it. */
  | "initial"
  | "started"
  /** Cancellation was requested. The task is told when it next waits. */
  | "pending-cancel"
  | "cancel-delivered"
  /** It has returned, or confirmed the cancellation. It may run on. */
  | "resolved"
  /** It ended before any code of the guest ran for it. */
  | "withdrawn";

/** The function that a task is a call of. */
export interface TaskFunction {
  readonly instance: InstanceTasks;
  /** The instances that a call enters, its own among them. They depend on the instances that the caller is in. */
  readonly entered: readonly InstanceState[];
  /** Whether the caller is another component, and not the host. */
  readonly crossComponent: boolean;
  /** Lowers the arguments, calls the task's `enter`, and then the core function. */
  readonly start: (task: Task, ...args: readonly unknown[]) => Packed | Promise<Packed>;
  readonly callback: ((event: number, first: number, second: number) => number | Promise<number>) | undefined;
  /** Whether no other exclusive task of the instance may run while its core code is on a stack. */
  readonly exclusive: boolean;
  /** The result type and options that `task.return` must match; undefined if the core function returns the result itself. */
  readonly returns: Returns | undefined;
  /** Lifts the core function's result and resolves the task with it, if the core function returns the result itself. */
  readonly finish: ((task: Task, returned: Packed) => void) | undefined;
}

export interface Returns {
  readonly result: ValType | undefined;
  readonly encoding: StringEncoding;
  readonly memory: GuestMemory | undefined;
}

/** The caller of a task. It gives the arguments, and exactly one of the other functions is called, once. */
export interface Call {
  /** Returns the arguments. Called when the task starts. */
  lift(): readonly unknown[];
  returned(value: unknown): void;
  cancelled(): void;
  /** The arguments did not have their types, and the instance is as it was. Without this function, that ends the guest. */
  refused?(error: unknown): void;
}

/** The result of a core function. With a callback, it says whether the task waits, and for which set. */
type Packed = number | bigint | undefined;

/**
 * A call of an async function of a component (CanonicalABI.md, `Task`). It is its own implicit thread, too: few tasks have other
 * threads, and one object for both saves an allocation per call.
 */
export class Task extends Thread implements SetWaiter, Owner {
  readonly #func: TaskFunction;
  readonly #call: Call;
  #state: State = "initial";
  /** Whether cancellation was requested while its arguments were lowered. */
  #unwanted = false;
  /** The set whose event it waits for; undefined if it only waits for its turn. */
  #waitsFor: WaitableSet | undefined;
  /** The number of borrow handles that it was given and has not dropped. */
  borrows = 0;
  /** The number of its explicit threads that have not ended. */
  threads = 0;
  /** The host's task that this one runs for, directly or through calls between components. */
  readonly origin: Task;

  constructor(func: TaskFunction, call: Call) {
    super(func.instance);
    this.#func = func;
    this.#call = call;
    const { scheduler } = func.instance;
    this.origin = (func.crossComponent ? originOf(scheduler.current) : undefined) ?? this;
    scheduler.budget.addConcurrent(TASK_RESOURCE_WEIGHT + THREAD_RESOURCE_WEIGHT);
    scheduler.tasks++;
  }

  get owner(): this {
    return this;
  }

  get mayBlock(): true {
    return true;
  }

  get func(): TaskFunction {
    return this.#func;
  }

  get resolved(): boolean {
    return this.#state === "resolved" || this.#state === "withdrawn";
  }

  get exclusive(): boolean {
    return this.#func.exclusive;
  }

  /** Runs in its turn: starts if the instance admits it, or resumes. */
  run(): void {
    if (this.where === "waiting") this.resume();
    else if (this.where === "off-stack" && this.#isReady()) this.#go(this.instance.lineage);
  }

  /**
   * Starts at once if the instance admits it. Called by code that is on the stack.
   *
   * @returns A promise while its core code has neither returned nor waits: the caller waits, too
   */
  call(): Waiting<void> {
    const { instance, entered } = this.#func;
    instance.scheduler.checkCall(entered);
    return this.#isReady() ? this.#nested(entered) : undefined;
  }

  /** Runs on top of the code that is on the stack. */
  #nested(entered: readonly InstanceState[]): Waiting<void> {
    const { scheduler } = this.#func.instance;
    const { current } = scheduler;
    const outerSlots = scheduler.slotsOutsideTasks();
    // A start function belongs to no task, and must not wait either.
    if (current === undefined) scheduler.enter({ slot0: 0, slot1: 0, mayBlock: false, beneath: undefined });
    this.#go(entered);
    if (!this.isUnderWay) {
      scheduler.leave(current, outerSlots);
      return undefined;
    }
    return new Promise<void>((resolve, reject) => {
      this.resumer = { resolve, reject };
    }).then(() => scheduler.enter(current));
  }

  /** Whether it can start or resume. If not, it becomes ready when it can. */
  #isReady(): boolean {
    const { instance, exclusive } = this.#func;
    const set = this.#waitsFor;
    if (this.#state === "initial") {
      if (!instance.admit(this)) return false;
    } else if (set !== undefined && set.first === undefined && this.#state !== "pending-cancel") return false;
    return !exclusive || instance.acquire(this);
  }

  #go(entered: readonly InstanceState[]): void {
    const { scheduler } = this.#func.instance;
    const { coreOnStack, current } = scheduler;
    const set = this.#waitsFor;
    this.#waitsFor = undefined;
    set?.unwait(this);
    this.entered = entered;
    this.where = "running";
    this.beneath = current;
    scheduler.coreOnStack = true;
    scheduler.begins();
    let packed: Packed | Promise<Packed>;
    try {
      packed = this.#state === "initial" ? this.#start() : this.#callBack(set);
      if (packed instanceof Promise) this.#suspended(packed);
      else this.ran(packed);
    } catch (error) {
      this.#failed(error);
    } finally {
      scheduler.coreOnStack = coreOnStack;
      if (!(packed instanceof Promise)) scheduler.ends();
    }
    // Code that is still under way was suspended by the host: nothing else of the guest runs meanwhile.
    if (!this.isUnderWay) scheduler.enter(current);
  }

  /**
   * Follows core code that may be suspended. Whether it waits or has returned is known already, unless the host suspended it. The
   * promise only tells that its stack is gone.
   */
  #suspended(packed: Promise<Packed>): void {
    this.#func.instance.scheduler.suspended(
      packed,
      () => {},
      (error) => this.#failed(error),
    );
  }

  /** Marks the task as running. Called right before its core code. */
  enter(): void {
    const { entered } = this;
    const { instance } = this.#func;
    for (let i = 0; i < entered.length; i++) if (!entered[i]!.mayEnter) cannotEnter();
    this.markEntered(true);
    if (this.#state === "initial") {
      this.#state = this.#unwanted ? "pending-cancel" : "started";
      instance.addThread(this);
    }
    instance.scheduler.enter(this);
  }

  #failed(thrown: unknown): void {
    const { instance, exclusive } = this.#func;
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
    return this.#func.start(this, ...this.#call.lift());
  }

  #callBack(set: WaitableSet | undefined): number | Promise<number> {
    const callback = this.#func.callback!;
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

  /** Called as soon as its core code has returned, also where it may be suspended. */
  ran(packed: Packed): void {
    const { instance, exclusive, finish } = this.#func;
    finish?.(this, packed);
    const code = finish !== undefined || packed === undefined ? EXIT : Number(packed) & 15;
    const set = code === WAIT ? instance.set(Number(packed) >>> 4) : undefined;
    if (code === EXIT && this.threads === 0) this.#checkResult();
    if (code > WAIT) trap("unsupported callback code");
    this.where = "off-stack";
    // Otherwise the tasks of a guest that the host suspends would keep one another from being collected.
    this.returnToResumer();
    // Those that it kept from running come before its own next turn.
    if (exclusive) instance.release();
    if (set !== undefined) this.#wait(set);
    else if (code === YIELD) instance.scheduler.ready(this);
    else this.#over();
  }

  /** Ends its implicit thread. */
  #over(): void {
    const { instance } = this.#func;
    this.where = "over";
    if (this.index !== 0) instance.removeThread(this);
    if (this.threads === 0) this.#ended(TASK_RESOURCE_WEIGHT + THREAD_RESOURCE_WEIGHT);
    else instance.scheduler.budget.removeConcurrent(THREAD_RESOURCE_WEIGHT);
  }

  /** Called when one of its explicit threads has ended. With the last one the task ends. */
  threadEnded(): void {
    if (this.where !== "over" || this.threads > 0) return;
    this.#checkResult();
    this.#ended(TASK_RESOURCE_WEIGHT);
  }

  #ended(entries: number): void {
    const { scheduler } = this.#func.instance;
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

  /** Makes it ready, as it has an event. */
  notify(): void {
    this.#func.instance.scheduler.ready(this);
  }

  /** `task.return` */
  return(value: unknown): void {
    this.#end();
    this.#call.returned(value);
  }

  /** `task.cancel` */
  cancel(): void {
    if (this.#func.returns === undefined || (this.#state !== "resolved" && this.#state !== "cancel-delivered"))
      trap(NOT_CANCELLED);
    this.#end();
    this.#call.cancelled();
  }

  #end(): void {
    if (this.#state === "resolved") trap("`task.return` or `task.cancel` called more than once for current task");
    if (this.borrows !== 0) throw new Trap("borrow handles still remain at the end of the call");
    this.#state = "resolved";
  }

  /** Requests cancellation, for its caller. It is told in its next turn if it has returned to wait, otherwise at its next wait. */
  requestCancellation(): void {
    if (this.#state === "initial" && this.where === "running") {
      this.#unwanted = true;
    } else if (this.#state === "initial") {
      this.#state = "withdrawn";
      this.#over();
      this.#func.instance.withdraw(this);
      this.#call.cancelled();
    } else if (this.#state === "started") {
      this.#state = "pending-cancel";
      if (this.where === "off-stack") this.notify();
    }
  }

  /**
   * As `requestCancellation`, with the caller's code on the stack: it is told at once, unless another task of its instance is in
   * the way.
   *
   * @returns as `call`
   */
  cancelNow(): Waiting<void> {
    const { instance, exclusive, entered } = this.#func;
    const tellsNow =
      this.#state === "started" && this.where === "off-stack" && entered.every(({ mayEnter }) => mayEnter);
    if (!tellsNow || (exclusive && !instance.acquire(this))) {
      this.requestCancellation();
      return undefined;
    }
    this.#state = "pending-cancel";
    return this.#nested(entered);
  }
}

/** Returns the host's task that code on the stack runs for; undefined if there is none. */
export function originOf(running: StackEntry | undefined): Task | undefined {
  for (let each = running; each !== undefined; each = each.beneath) {
    const task = taskOf(each);
    if (task !== undefined) return task.origin;
  }
  return undefined;
}

/** Returns the task that code on the stack belongs to; undefined if it belongs to a call that is no task. */
export function taskOf(running: StackEntry | undefined): Task | undefined {
  if (running instanceof Task) return running;
  const owner = running instanceof ExplicitThread ? running.owner : undefined;
  return owner instanceof Task ? owner : undefined;
}
