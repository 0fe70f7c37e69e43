import type { Waiting } from "../../core/wait/waiting.ts";
import type { Handle } from "../instance/handles.ts";
import type { InstanceTasks } from "./instance-tasks.ts";
import { trap } from "./trap.ts";
import { SUBTASK, Waitable } from "./waitable.ts";

/** States of a subtask (CanonicalABI.md, `Subtask.State`). */
export const STARTING = 0;
export const STARTED = 1;
export const RETURNED = 2;
export const CANCELLED_BEFORE_STARTED = 3;
export const CANCELLED_BEFORE_RETURNED = 4;

export type SubtaskState =
  | typeof STARTING
  | typeof STARTED
  | typeof RETURNED
  | typeof CANCELLED_BEFORE_STARTED
  | typeof CANCELLED_BEFORE_RETURNED;

/** A call that waits, as the task that made it sees it (CanonicalABI.md, `Subtask`). */
export abstract class Subtask extends Waitable {
  readonly event = SUBTASK;
  protected readonly instance: InstanceTasks;
  /** The handles that its arguments borrow, until the caller has been told of its end. */
  protected abstract readonly lent: readonly Handle[];
  protected state: SubtaskState = STARTING;
  #told = false;
  #cancelled = false;

  constructor(instance: InstanceTasks) {
    super();
    this.instance = instance;
  }

  get resolved(): boolean {
    return this.state > STARTED;
  }

  /** Adds it to the instance's table, as it outlives the call that began it. Returns its state and index, packed. */
  add(): number {
    this.instance.scheduler.budget.addConcurrent(1);
    return this.state | (this.instance.add(this) << 4);
  }

  override take(): number {
    this.clear();
    if (this.resolved) this.deliver();
    return this.state;
  }

  /** Ends its loans: the caller has been told of its end. */
  deliver(): void {
    if (this.#told) return;
    this.#told = true;
    const { lent } = this;
    for (const handle of lent) handle.lends--;
    this.instance.scheduler.budget.giveBack(lent.length);
  }

  /**
   * `subtask.cancel`. Returns its state, or BLOCKED if its end is still to come.
   *
   * @param sync Whether to wait for its end, inside the guest
   */
  cancel(sync: boolean): Waiting<number> {
    if (this.#told || this.#cancelled) trap("`subtask.cancel` called after terminal status delivered");
    if (sync) this.refuseInSet();
    this.#cancelled = true;
    return this.resolved ? this.take() : this.end(sync);
  }

  /** Cancels a call that has not ended. Returns as `cancel`. */
  protected abstract end(sync: boolean): Waiting<number>;

  /** `subtask.drop` */
  drop(): void {
    if (!this.#told) trap("cannot drop a subtask which has not yet resolved");
    this.instance.remove(this);
    this.instance.scheduler.budget.removeConcurrent(1);
  }
}
