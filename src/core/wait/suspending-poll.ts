import type { SuspendingMachine } from "../../machine/machine.ts";
import { type SuspendingSelector, WRITABLE } from "../../machine/selector.ts";
import { Condition } from "./condition.ts";
import { after } from "./deadline.ts";
import { Aborted } from "./errors.ts";
import { type Blocking, Poll } from "./poll.ts";
import { PollList } from "./poll-list.ts";
import { turn } from "./turn.ts";
import type { WaitSet } from "./wait-set.ts";
import type { Waiting } from "./waiting.ts";

/**
 * The suspending strategy: a wait is a promise, and the host's event loop goes on meanwhile. What holds at once is answered at
 * once, without a promise, except where the guests of the process have had their turn of the event loop: else those that always
 * find something ready would starve their host. So would those that go round in calls that never wait: `giveWay` is for these.
 *
 * One call waits at a time. What changes a condition from outside (a stream of the host's) calls `wake`.
 */
export class SuspendingPoll extends Poll {
  readonly #selector: SuspendingSelector;
  readonly #sent: Condition | undefined;
  #aborted: Aborted | undefined;

  constructor(machine: SuspendingMachine) {
    super(machine);
    this.#selector = machine.selector;
    this.#sent = machine.sent === undefined ? undefined : Condition.source(machine.sent, WRITABLE);
  }

  override poll(set: WaitSet): Waiting<number> {
    this.watch(set);
    const found = this.find(set, 0);
    return found > 0 && !this.#interrupted() ? found : this.#suspend(set);
  }

  async #suspend(set: WaitSet): Promise<number> {
    let found: number;
    do {
      // Work that went on in the background may wait for something else now.
      this.watch(set);
      if (turn.over) await this.#giveWay();
      else await this.#wait(this.timeout(set));
      this.watch(set);
      found = this.find(set, 0);
    } while (found === 0);
    return found;
  }

  override run<T>(steps: Blocking<T>): Waiting<T> {
    if (this.#interrupted()) return this.#drive(steps, this.#giveWay());
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

  /** @throws Aborted */
  override giveWay(): Promise<void> | undefined {
    return this.#interrupted() ? this.#giveWay() : undefined;
  }

  #interrupted(): boolean {
    return this.#aborted !== undefined || turn.over;
  }

  /** @throws Aborted */
  async #giveWay(): Promise<void> {
    if (this.#aborted === undefined) await turn.giveWay(() => this.#selector.wait(0));
    if (this.#aborted !== undefined) throw this.#aborted;
  }

  /** @throws Aborted */
  async #wait(timeout: number): Promise<void> {
    if (this.#aborted === undefined) await this.#selector.wait(timeout);
    if (this.#aborted !== undefined) throw this.#aborted;
  }

  /**
   * Waits until what the guest has sent has left the machine, `patience` ns at most.
   *
   * @throws the reason that the guest was aborted for, unless all has left
   */
  async flush(patience: number): Promise<void> {
    if (this.#sent === undefined || this.look(this.#sent)) return;
    const list = PollList.of(this.#sent, Condition.timer(after(this.now(), patience)));
    try {
      await this.poll(list);
    } catch (error) {
      throw error instanceof Aborted ? error.reason : error;
    } finally {
      list.resize(0);
    }
  }

  override wake(): void {
    this.#selector.wake();
  }

  /** Ends the wait under way, or the next one, with an `Aborted`. */
  abort(reason: unknown): void {
    this.#aborted ??= new Aborted(reason);
    this.wake();
  }
}
