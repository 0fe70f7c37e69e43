import { Condition, Waiter } from "./condition.ts";
import type { Poll } from "./poll.ts";

/**
 * A call at a point in time, in whichever wait is under way then. The next wait of its guest throws the call's exception, if there
 * is one.
 */
export class Alarm {
  readonly #poll: Poll;
  readonly #waiter: Waiter<() => void>;

  constructor(poll: Poll, ring: () => void) {
    this.#poll = poll;
    this.#waiter = new Waiter(Condition.timer(0), () => {
      this.clear();
      try {
        ring();
      } catch (error) {
        poll.failed(error);
      }
    });
  }

  /** @param deadline ns on the machine's clock */
  set(deadline: number): void {
    this.#waiter.condition.retime(deadline);
    if (this.#waiter.set === undefined) this.#poll.setAlarm(this.#waiter);
  }

  get isSet(): boolean {
    return this.#waiter.set !== undefined;
  }

  clear(): void {
    if (this.#waiter.set !== undefined) this.#poll.clearAlarm(this.#waiter);
  }
}
