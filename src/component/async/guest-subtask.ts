import { andThen, type Waiting } from "../../core/wait/waiting.ts";
import type { Handle } from "../instance/handles.ts";
import type { InstanceTasks } from "./instance-tasks.ts";
import {
  CANCELLED_BEFORE_RETURNED,
  CANCELLED_BEFORE_STARTED,
  RETURNED,
  STARTED,
  STARTING,
  Subtask,
} from "./subtask.ts";
import { type Call, Task, type TaskFunction } from "./task.ts";
import { BLOCKED } from "./waitable.ts";

/** Moves the values of a call for its lowered function. */
export interface ValueTransfer {
  /** Lifts the arguments from the caller. Called when the callee starts. */
  lift(): readonly unknown[];
  /** Lowers the result into the caller. Called when the callee returns it. Returns the core value, if there is one. */
  lower(value: unknown): CoreResult;
  /** The handles that the arguments borrow. */
  readonly lent: readonly Handle[];
}

export type CoreResult = number | bigint | undefined;

/** A call of another component's async function, as its caller sees it. The callee's side is a task. */
export class GuestSubtask extends Subtask implements Call {
  readonly #transfer: ValueTransfer;
  readonly #task: Task;
  /** Whether the caller has a handle on it. */
  #added = false;
  result: CoreResult;

  constructor(instance: InstanceTasks, func: TaskFunction, transfer: ValueTransfer) {
    super(instance);
    this.#transfer = transfer;
    this.#task = new Task(func, this);
  }

  protected override get lent(): readonly Handle[] {
    return this.#transfer.lent;
  }

  /**
   * Begins the call. Afterwards it has ended, waits, or has not started yet.
   *
   * @returns A promise while its code is suspended for something outside the scheduler: the caller waits, too
   */
  begin(): Waiting<void> {
    return this.#task.call();
  }

  /**
   * Gives a turn to the task that keeps the callee from starting, if it can run. Otherwise the outcome of a call would depend on
   * whether that task was told of its pending event before.
   */
  letHolderRun(): Waiting<void> {
    const { scheduler } = this.instance;
    if (this.state !== STARTING || scheduler.inSyncCall || scheduler.blockable === undefined) return undefined;
    const hasRun = this.#task.func.instance.blockedByReady();
    return hasRun && scheduler.wait(() => this.state !== STARTING || hasRun());
  }

  lift(): readonly unknown[] {
    const args = this.#transfer.lift();
    const { lent } = this.#transfer;
    this.instance.scheduler.budget.lend(lent.length);
    this.state = STARTED;
    this.#progress();
    return args;
  }

  returned(value: unknown): void {
    this.result = this.#transfer.lower(value);
    this.state = RETURNED;
    this.#progress();
  }

  cancelled(): void {
    this.state = this.state === STARTING ? CANCELLED_BEFORE_STARTED : CANCELLED_BEFORE_RETURNED;
    this.#progress();
  }

  #progress(): void {
    if (this.#added) this.notify();
  }

  override add(): number {
    const packed = super.add();
    this.#added = true;
    return packed;
  }

  protected override end(sync: boolean): Waiting<number> {
    return andThen(this.#task.cancelNow(), () => {
      if (this.resolved) return this.take();
      if (!sync) return BLOCKED;
      this.hasSyncWaiter = true;
      return andThen(
        this.instance.scheduler.wait(() => this.resolved),
        () => {
          this.hasSyncWaiter = false;
          return this.take();
        },
      );
    });
  }
}
