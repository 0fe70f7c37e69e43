import type { SuspendingMachine, SuspendingSelector } from "../adapters/contract.ts";
import type { Condition } from "./condition.ts";
import { Aborted } from "./errors.ts";
import { type Blocking, Poll } from "./poll.ts";
import type { PollList } from "./poll-list.ts";
import type { Waiting } from "./waiting.ts";

/** How long a guest may go on without a wait before the next call that may wait gives way to the host, ns. */
const TURN = 10e6;

/**
 * The suspending strategy: a wait is a promise, and the host's event loop goes on meanwhile. What holds at once is answered at
 * once, without a promise, except that a guest which has not waited for 10 ms gives up one task of the event loop: else one
 * that always finds something ready would starve its host. Only a call that may wait can give way.
 *
 * One call waits at a time. What changes a condition from outside (a stream of the host's) calls `wake`.
 */
export class SuspendingPoll extends Poll {
  readonly #selector: SuspendingSelector;
  /** When the guest last went on after a wait, on the machine's clock. */
  #resumed: number;
  #aborted: Aborted | undefined;

  constructor(machine: SuspendingMachine) {
    super(machine);
    this.#selector = machine.selector;
    this.#resumed = machine.now();
  }

  override poll(list: PollList): Waiting<number> {
    this.watch(list);
    const found = this.find(list, 0);
    return found > 0 && !this.#overdue() ? found : this.#suspend(list, found);
  }

  async #suspend(list: PollList, ready: number): Promise<number> {
    let found = ready;
    do {
      await this.#wait(found > 0 ? 0 : this.timeout(list));
      this.watch(list);
      found = this.find(list, 0);
    } while (found === 0);
    return found;
  }

  override run<T>(steps: Blocking<T>): Waiting<T> {
    if (this.#overdue()) return this.#drive(steps, this.#wait(0));
    const step = steps.next();
    return step.done === true ? step.value : this.#drive(steps, this.block(step.value));
  }

  async #drive<T>(steps: Blocking<T>, first: Waiting<void>): Promise<T> {
    await first;
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
      await this.block(step.value);
    }
  }

  override block(condition: Condition): Waiting<void> {
    const found = this.poll(this.single(condition));
    return typeof found === "number" ? undefined : found.then(() => {});
  }

  #overdue(): boolean {
    return this.#aborted !== undefined || this.now() - this.#resumed > TURN;
  }

  /** @throws Aborted */
  async #wait(timeout: number): Promise<void> {
    if (this.#aborted === undefined) await this.#selector.wait(timeout);
    this.#resumed = this.now();
    if (this.#aborted !== undefined) throw this.#aborted;
  }

  /** Looks again at what the guest waits for, if it does. */
  wake(): void {
    this.#selector.wake();
  }

  /** Ends the wait under way, or the next one, with an `Aborted`. */
  abort(reason: unknown): void {
    this.#aborted ??= new Aborted(reason);
    this.wake();
  }
}
