import { Condition, Waiter } from "../core/wait/condition.ts";
import { after, NEVER } from "../core/wait/deadline.ts";
import { SuspendingPoll } from "../core/wait/suspending-poll.ts";
import { WaitSet } from "../core/wait/wait-set.ts";
import type { SuspendingMachine } from "../machine/machine.ts";
import type { Source } from "../machine/selector.ts";

/** Something that calls wait for: one direction of a socket, a look-up. */
export interface Pollable {
  /** The waiter for its readiness. */
  readonly waiter: Waiter<Pollable>;
  /** The waiter for its deadline; undefined if none was set yet. */
  readonly timer: Waiter<Pollable> | undefined;
  /** Whether a call is waiting. */
  readonly parked: boolean;
  /** Lets the waiting call try again. */
  wake(): void;
}

/**
 * Waits for all pollables at once: `[clock, pollable, pollable, ...]` is one set of the core's registry, which does the
 * rest (it tells the selector, reads its reports, and knows the next timer).
 *
 * A pollable stays in the set after its call continues, as most calls wait again before the next wait: a server that
 * answers its requests changes nothing in the set. One that fires while no call waits is removed.
 */
export class Netpoll {
  readonly machine: SuspendingMachine;
  readonly #poll: SuspendingPoll;
  readonly #clock = new Waiter<undefined>(Condition.timer(NEVER), undefined);
  readonly #set = new WaitSet<Pollable | undefined>();
  #waiting = false;

  constructor(machine: SuspendingMachine) {
    this.machine = machine;
    this.#poll = new SuspendingPoll(machine);
    this.#set.add(this.#clock);
  }

  /** Adds a pollable, also to a wait in progress. */
  add({ waiter, timer }: Pollable): void {
    this.#add(waiter);
    if (timer !== undefined && timer.condition.deadline !== NEVER) this.#add(timer);
  }

  #add(waiter: Waiter<Pollable>): void {
    if (waiter.set !== undefined) return;
    this.#set.add(waiter);
    this.interrupt();
  }

  /** Changes the deadline of a pollable, ns on the machine's clock, also for a wait in progress. */
  retime(timer: Waiter<Pollable>, deadline: number): void {
    if (timer.set !== undefined && deadline < timer.due) this.interrupt();
    timer.condition.retime(deadline);
  }

  /** Removes a pollable. */
  done({ waiter, timer }: Pollable): void {
    if (waiter.set !== undefined) this.#set.remove(waiter);
    if (timer?.set !== undefined) this.#set.remove(timer);
  }

  /**
   * Waits for the first pollable that is ready or due, and wakes the calls of all that are. With nothing registered it
   * sleeps. `interrupt` ends it early. At most one wait at a time.
   *
   * @param timeout ns. Infinity: waits until something is ready. Above 0: waits no longer than that, and no shorter
   * unless something is ready. 0: looks without waiting.
   */
  async pollIO(timeout: number): Promise<void> {
    this.#clock.condition.retime(after(this.machine.now(), timeout));
    const found = await this.#wait();
    for (let i = 0; i < found; i++) {
      const waiter = this.#set.found[i]!;
      const pollable = waiter.owner;
      if (pollable === undefined || waiter.set === undefined) continue;
      // A deadline fires once; another call has set another one by then.
      if (!pollable.parked || waiter === pollable.timer) this.#set.remove(waiter);
      if (pollable.parked) pollable.wake();
    }
  }

  async #wait(): Promise<number> {
    this.#waiting = true;
    try {
      return await this.#poll.poll(this.#set);
    } finally {
      this.#waiting = false;
    }
  }

  /** Returns whether one condition is ready, without waiting. */
  look(condition: Condition): boolean {
    return this.#poll.look(condition);
  }

  /** Returns whether the machine can wait for a source; the source then knows it too. */
  canWaitFor(source: Source, interest: number): boolean {
    return this.#poll.canWaitFor(source, interest);
  }

  /** Yields to the event loop: calls that were woken, and the rest of the program, continue before it resolves. */
  turn(): Promise<void> {
    return this.machine.selector.wait(0);
  }

  /** Ends the wait in progress, if there is one. */
  interrupt(): void {
    if (!this.#waiting) return;
    this.#clock.condition.retime(0);
    this.#poll.wake();
  }

  /** Forgets the source of these pollables. Call it before the source is closed. */
  forget(...pollables: readonly Pollable[]): void {
    for (const pollable of pollables) {
      this.done(pollable);
      const { source } = pollable.waiter.condition;
      if (source !== undefined) this.#poll.forget(source);
    }
  }
}
