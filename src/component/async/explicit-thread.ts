import type { SyncCall } from "./sync-call.ts";
import type { Task } from "./task.ts";
import { THREAD_ENTRIES, Thread } from "./thread.ts";

/** A thread that a guest has made (CanonicalABI.md, `canon thread.new-indirect`): suspended until another resumes it. */
export class ExplicitThread extends Thread {
  readonly owner: Task | SyncCall;
  readonly mayBlock = true;
  readonly exclusive = false;
  readonly #start: () => Promise<unknown>;

  /** @param start Calls the function that it begins with */
  constructor(owner: Task | SyncCall, start: () => Promise<unknown>) {
    super(owner.instance);
    const { budget } = this.instance.scheduler;
    budget.addConcurrent(THREAD_ENTRIES);
    budget.addHandle();
    this.owner = owner;
    this.#start = start;
    this.where = "suspended";
    owner.threads++;
    this.instance.addThread(this);
  }

  run(): void {
    this.resume();
  }

  protected override begin(): void {
    const { scheduler } = this.instance;
    scheduler.enter(this);
    scheduler.suspended(
      this.#start(),
      () => this.#ended(),
      (error) => this.fail(error),
    );
  }

  #ended(): void {
    const { instance, owner } = this;
    const { budget } = instance.scheduler;
    this.where = "over";
    this.giveUp();
    instance.removeThread(this);
    budget.removeConcurrent(THREAD_ENTRIES);
    budget.removeHandle();
    owner.threads--;
    owner.threadEnded();
  }
}
