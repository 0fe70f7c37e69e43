import { Condition, Waiter } from "../../core/wait/condition.ts";
import type { Blocking } from "../../core/wait/poll.ts";
import type { Handle } from "../instance/handles.ts";
import type { Pending } from "../streams.ts";
import type { HostOperation } from "./host-operations.ts";
import type { InstanceTasks } from "./instance-tasks.ts";
import { trap } from "./trap.ts";
import { SUBTASK, Waitable } from "./waitable.ts";

/** States of a subtask (CanonicalABI.md, `Subtask.State`). A host's call has always started. */
export const STARTED = 1;
export const RETURNED = 2;
const CANCELLED_BEFORE_RETURNED = 4;

/** Lowers the result of a call, and gives back what was lent for it when its end has been told. */
export interface Completion {
  finish(value: unknown, failed: boolean): void;
  readonly lent: readonly Handle[];
}

/** A call of a host's function that waits: a subtask of the task that made it (CanonicalABI.md, `Subtask`). */
export class Subtask extends Waitable implements HostOperation {
  readonly event = SUBTASK;
  readonly waiter: Waiter<HostOperation> = new Waiter<HostOperation>(nothing, this);
  readonly #instance: InstanceTasks;
  readonly #completion: Completion;
  #steps: Blocking<unknown> | undefined;
  #state = STARTED;
  #told = false;
  parked = false;

  constructor(instance: InstanceTasks, completion: Completion) {
    super();
    this.#instance = instance;
    this.#completion = completion;
    instance.scheduler.budget.lend(completion.lent.length);
  }

  get resolved(): boolean {
    return this.#state !== STARTED;
  }

  /** Begins the call, which may be over when this returns. */
  begin(pending: Pending): void {
    const { scheduler } = this.#instance;
    if (pending instanceof Promise) {
      scheduler.promise(
        pending,
        (value) => this.#end(value, false),
        (error) => this.#end(error, true),
      );
    } else {
      this.#steps = pending;
      if (scheduler.mayTry()) this.#step(pending);
      else this.#park(Condition.ready());
    }
  }

  advance(): void {
    this.parked = false;
    this.#instance.scheduler.operations.unpark();
    if (this.#steps !== undefined) this.#step(this.#steps);
  }

  #step(steps: Blocking<unknown>): void {
    let step: IteratorResult<Condition, unknown>;
    try {
      step = steps.next();
    } catch (error) {
      this.#end(error, true);
      return;
    }
    if (step.done === true) {
      this.#end(step.value, false);
      return;
    }
    this.#park(step.value);
  }

  #park(condition: Condition): void {
    this.parked = true;
    this.#instance.scheduler.operations.park(this, condition);
  }

  #end(value: unknown, failed: boolean): void {
    this.#instance.scheduler.operations.forget(this);
    if (this.resolved) return;
    this.#completion.finish(value, failed);
    this.#state = RETURNED;
    this.notify();
  }

  override take(): number {
    this.settle();
    this.deliver();
    return this.#state;
  }

  /** Its caller knows that it has ended. */
  deliver(): void {
    if (this.#told) return;
    this.#told = true;
    const { lent } = this.#completion;
    for (const handle of lent) handle.lends--;
    this.#instance.scheduler.budget.giveBack(lent.length);
  }

  /** `subtask.cancel`: a host's call ends at once. Returns its state. */
  cancel(): number {
    if (this.#told) trap("`subtask.cancel` called after terminal status delivered");
    this.refuseInSet();
    if (!this.resolved) {
      this.#state = CANCELLED_BEFORE_RETURNED;
      if (this.parked) {
        this.parked = false;
        this.#instance.scheduler.operations.unpark();
      }
      this.#instance.scheduler.operations.forget(this);
      this.#steps?.return(undefined);
    }
    return this.take();
  }

  /** It goes on when the call that began it has returned. Returns its index in the instance's table. */
  add(): number {
    this.#instance.scheduler.budget.addConcurrent(1);
    return this.#instance.add(this);
  }

  /** `subtask.drop` */
  drop(): void {
    if (!this.#told) trap("cannot drop a subtask which has not yet resolved");
    this.#instance.remove(this);
    this.#instance.scheduler.budget.removeConcurrent(1);
  }
}

const nothing = Condition.ready();
