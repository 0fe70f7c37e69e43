import { Condition, Waiter } from "../../core/wait/condition.ts";
import type { Blocking } from "../../core/wait/poll.ts";
import type { Handle } from "../instance/handles.ts";
import type { Pending } from "../streams.ts";
import type { HostOperation } from "./host-operations.ts";
import type { InstanceTasks } from "./instance-tasks.ts";
import { CANCELLED_BEFORE_RETURNED, RETURNED, STARTED, Subtask } from "./subtask.ts";

/** Lowers the result of a call, and ends its loans once the caller has been told of the end. */
export interface Completion {
  finish(value: unknown, failed: boolean): void;
  readonly lent: readonly Handle[];
}

/** A call of a host function that waits. It has always started. */
export class HostSubtask extends Subtask implements HostOperation {
  readonly waiter: Waiter<HostOperation> = new Waiter<HostOperation>(nothing, this);
  readonly #completion: Completion;
  protected override readonly lent: readonly Handle[];
  #steps: Blocking<unknown> | undefined;
  isAwaited = false;

  constructor(instance: InstanceTasks, completion: Completion) {
    super(instance);
    this.#completion = completion;
    this.lent = completion.lent;
    this.state = STARTED;
    instance.scheduler.budget.lend(completion.lent.length);
  }

  /** Begins the call, which may be over when this returns. */
  begin(pending: Pending): void {
    const { scheduler } = this.instance;
    if (pending instanceof Promise) {
      scheduler.promise(
        pending,
        (value) => this.#end(value, false),
        (error) => this.#end(error, true),
      );
    } else {
      this.#steps = pending;
      if (scheduler.mayTry()) this.#step(pending);
      else this.#startWaiting(Condition.ready());
    }
  }

  advance(): void {
    this.isAwaited = false;
    this.instance.scheduler.operations.stopWaiting();
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
    this.#startWaiting(step.value);
  }

  #startWaiting(condition: Condition): void {
    this.isAwaited = true;
    this.instance.scheduler.operations.startWaiting(this, condition);
  }

  #end(value: unknown, failed: boolean): void {
    this.instance.scheduler.operations.forget(this);
    if (this.resolved) return;
    this.#completion.finish(value, failed);
    this.state = RETURNED;
    this.notify();
  }

  /** Cancels the call. A host's call ends at once. */
  protected override end(): number {
    this.state = CANCELLED_BEFORE_RETURNED;
    const { operations } = this.instance.scheduler;
    if (this.isAwaited) {
      this.isAwaited = false;
      operations.stopWaiting();
    }
    operations.forget(this);
    this.#steps?.return(undefined);
    return this.take();
  }
}

const nothing = Condition.ready();
