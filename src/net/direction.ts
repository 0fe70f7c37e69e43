import { Condition, Waiter } from "../core/wait/condition.ts";
import { NEVER } from "../core/wait/deadline.ts";
import type { Source } from "../machine/selector.ts";
import type { Pollable } from "./netpoll.ts";
import type { Scheduler } from "./scheduler.ts";

/**
 * One direction of a descriptor, in or out, with its deadline. Calls take turns in order; the one whose turn it is may
 * park.
 */
export class Direction implements Pollable {
  readonly waiter: Waiter<Pollable>;
  /** The timer of its deadline, once one has been set. */
  timer: Waiter<Pollable> | undefined;
  readonly #scheduler: Scheduler;
  readonly #queue: (() => void)[] = [];
  #busy = false;
  #resume: (() => void) | undefined;

  /** @param source undefined if it is always ready */
  constructor(scheduler: Scheduler, source: Source | undefined, interest: number) {
    this.#scheduler = scheduler;
    this.waiter = new Waiter(source === undefined ? Condition.ready() : Condition.source(source, interest), this);
  }

  /** Sets the deadline: ns on the machine's clock; NEVER: none. A parked call continues to wait with it, or fails. */
  set deadline(deadline: number) {
    if (this.timer === undefined) this.timer = new Waiter(Condition.timer(deadline), this);
    else this.#scheduler.netpoll.retime(this.timer, deadline);
    this.wake();
  }

  get expired(): boolean {
    const deadline = this.timer === undefined ? NEVER : this.timer.condition.deadline;
    return deadline !== NEVER && deadline <= this.#scheduler.now();
  }

  /** Resolves when it is the caller's turn; undefined if it is already. */
  enter(): Promise<void> | undefined {
    if (this.#busy) return new Promise((resolve) => this.#queue.push(resolve));
    this.#busy = true;
    return undefined;
  }

  leave(): void {
    const next = this.#queue.shift();
    if (next === undefined) this.#busy = false;
    else next();
  }

  get parked(): boolean {
    return this.#resume !== undefined;
  }

  /** Resolves when another try may succeed: the source is ready, the deadline passed or moved, or `wake` was called. */
  park(): Promise<void> {
    return new Promise((resolve) => {
      this.#resume = resolve;
      this.#scheduler.park(this);
    });
  }

  wake(): void {
    const resume = this.#resume;
    if (resume === undefined) return;
    this.#resume = undefined;
    this.#scheduler.unpark();
    resume();
  }
}
