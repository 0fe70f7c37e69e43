import { Condition } from "../core/wait/condition.ts";
import { NEVER } from "../core/wait/deadline.ts";
import type { Source } from "../machine/selector.ts";
import type { Parkable, Scheduler } from "./scheduler.ts";

/**
 * One way of a descriptor, in or out, with its deadline. Calls take turns in it, in their order; the one whose turn it is may
 * park.
 */
export class Direction implements Parkable {
  readonly condition: Condition;
  slot = 0;
  readonly #scheduler: Scheduler;
  readonly #queue: (() => void)[] = [];
  #busy = false;
  #deadline = NEVER;
  #resume: (() => void) | undefined;

  /** @param source undefined: always ready */
  constructor(scheduler: Scheduler, source: Source | undefined, interest: number) {
    this.#scheduler = scheduler;
    this.condition = source === undefined ? Condition.ready() : Condition.source(source, interest);
  }

  get deadline(): number {
    return this.#deadline;
  }

  /** A parked call waits anew, or fails. */
  set deadline(deadline: number) {
    this.#deadline = deadline;
    this.wake();
  }

  get expired(): boolean {
    return this.#deadline !== NEVER && this.#deadline <= this.#scheduler.now();
  }

  /** Answers when it is the caller's turn; undefined: it is. */
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

  /** Answers when it may be worth another try: ready, the deadline passed or moved, or woken. */
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
    this.#scheduler.unpark(this);
    resume();
  }
}
