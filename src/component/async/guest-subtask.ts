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
import { type Call, type Lifted, Task } from "./task.ts";
import { BLOCKED } from "./waitable.ts";

/** Moves the values of a call for its lowered function. */
export interface Moves {
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
  readonly #moves: Moves;
  readonly #task: Task;
  /** Whether the caller has a handle on it. */
  #added = false;
  result: CoreResult;

  constructor(instance: InstanceTasks, lifted: Lifted, moves: Moves) {
    super(instance);
    this.#moves = moves;
    this.#task = new Task(lifted, this);
  }

  protected override get lent(): readonly Handle[] {
    return this.#moves.lent;
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
  makeWay(): Waiting<void> {
    const { scheduler } = this.instance;
    if (this.state !== STARTING || scheduler.inSyncCall || scheduler.blockable === undefined) return undefined;
    const made = this.#task.lifted.instance.makesWay();
    return made && scheduler.wait(() => this.state !== STARTING || made());
  }

  lift(): readonly unknown[] {
    const args = this.#moves.lift();
    const { lent } = this.#moves;
    this.instance.scheduler.budget.lend(lent.length);
    this.state = STARTED;
    this.#progress();
    return args;
  }

  returned(value: unknown): void {
    this.result = this.#moves.lower(value);
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

  protected override end(waits: boolean): Waiting<number> {
    return andThen(this.#task.cancelNow(), () => {
      if (this.resolved) return this.take();
      if (!waits) return BLOCKED;
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
