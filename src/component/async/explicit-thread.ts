import type { InstanceTasks } from "./instance-tasks.ts";
import { type Owner, THREAD_RESOURCE_WEIGHT, Thread } from "./thread.ts";

/** A thread that a guest has made (CanonicalABI.md, `canon thread.new-indirect`). It is suspended until another resumes it. */
export class ExplicitThread extends Thread {
  readonly owner: Owner;
  readonly mayBlock = true;
  readonly exclusive = false;
  readonly #tasks: InstanceTasks;
  readonly #start: () => Promise<unknown>;

  /** @param start Calls the thread's start function */
  constructor(tasks: InstanceTasks, owner: Owner, start: () => Promise<unknown>) {
    super(tasks);
    const { budget } = tasks.scheduler;
    budget.addConcurrent(THREAD_RESOURCE_WEIGHT);
    budget.addHandle();
    this.owner = owner;
    this.#tasks = tasks;
    this.#start = start;
    this.where = "suspended";
    owner.threads++;
    tasks.addThread(this);
  }

  run(): void {
    this.resume();
  }

  protected override begin(): void {
    const { scheduler } = this.#tasks;
    scheduler.enter(this);
    scheduler.suspended(
      this.#start(),
      () => this.#ended(),
      (error) => this.fail(error),
    );
  }

  #ended(): void {
    const { owner } = this;
    const { budget } = this.#tasks.scheduler;
    this.where = "over";
    this.returnToResumer();
    this.#tasks.removeThread(this);
    budget.removeConcurrent(THREAD_RESOURCE_WEIGHT);
    budget.removeHandle();
    owner.threads--;
    owner.threadEnded();
  }
}
