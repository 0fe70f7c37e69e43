import { Condition, Waiter } from "../core/wait/condition.ts";
import { NEVER } from "../core/wait/deadline.ts";
import type { Source } from "../machine/selector.ts";
import type { Pollable } from "./netpoll.ts";
import type { Scheduler } from "./scheduler.ts";

/**
 * One way of a descriptor, in or out, with its deadline. Calls take turns in it, in their order; the one whose turn it is may
 * park.
 */
export class Direction implements Pollable {
  readonly waiter: Waiter<Pollable>;
  /** Its deadline, once it has been given one. */
  timer: Waiter<Pollable> | undefined;
  readonly #scheduler: Scheduler;
  readonly #queue: (() => void)[] = [];
  #busy = false;
  #resume: (() => void) | undefined;

  /** @param source undefined: always ready */
  constructor(scheduler: Scheduler, source: Source | undefined, interest: number) {
    this.#scheduler = scheduler;
    this.waiter = new Waiter(source === undefined ? Condition.ready() : Condition.source(source, interest), this);
  }

  /** ns on the machine's clock; NEVER: none. A parked call waits anew, or fails. */
  set deadline(deadline: number) {
    if (this.timer === undefined) this.timer = new Waiter(Condition.timer(deadline), this);
    else this.#scheduler.netpoll.retime(this.timer, deadline);
    this.wake();
  }

  get expired(): boolean {
    const deadline = this.timer === undefined ? NEVER : this.timer.condition.deadline;
    return deadline !== NEVER && deadline <= this.#scheduler.now();
  }

  /** Resolves when it is the caller's turn; undefined: it is. */
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

  /** Resolves when it may be worth another try: ready, the deadline passed or moved, or woken. */
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
