import { Condition } from "../core/wait/condition.ts";
import { after, NEVER } from "../core/wait/deadline.ts";
import { PollList } from "../core/wait/poll-list.ts";
import { SuspendingPoll } from "../core/wait/suspending-poll.ts";
import type { SuspendingMachine } from "../machine/machine.ts";
import type { Source } from "../machine/selector.ts";

/** Something that calls wait for: one way of a socket, a look-up. */
export interface Pollable {
  readonly condition: Condition;
  /** Whether a call is waiting. */
  readonly parked: boolean;
  /** Where the netpoll has it; 0: nowhere. For the netpoll only. */
  slot: number;
  /** Lets the waiting call try again. */
  wake(): void;
}

/**
 * The registry of what calls wait for, and the one wait over all of it: `[clock, pollable, pollable, ...]`, one list of the
 * core's `Poll`, which knows the rest (what the selector is told, what it reports).
 *
 * A pollable stays in the list when its call goes on, for that call will most likely be back before the next wait: a server
 * that answers its requests changes nothing in it. One that fires while no call waits is taken out.
 */
export class Netpoll {
  readonly machine: SuspendingMachine;
  readonly #poll: SuspendingPoll;
  readonly #clock = Condition.timer(NEVER);
  readonly #list = PollList.of(this.#clock);
  /** By index in the list; the clock has the first. */
  readonly #pollables: (Pollable | undefined)[] = [undefined];
  readonly #fired: Pollable[] = [];
  #waiting = false;

  constructor(machine: SuspendingMachine) {
    this.machine = machine;
    this.#poll = new SuspendingPoll(machine);
  }

  /** From now on waited for, by a wait that is under way too. */
  add(pollable: Pollable): void {
    if (pollable.slot !== 0) return;
    const slot = this.#list.count;
    this.#list.resize(slot + 1);
    this.#place(pollable, slot);
    this.interrupt();
  }

  /** No longer waited for. */
  done(pollable: Pollable): void {
    const { slot } = pollable;
    if (slot === 0) return;
    pollable.slot = 0;
    const last = this.#pollables.pop()!;
    if (last !== pollable) this.#place(last, slot);
    this.#list.resize(this.#list.count - 1);
  }

  #place(pollable: Pollable, slot: number): void {
    pollable.slot = slot;
    this.#pollables[slot] = pollable;
    this.#list.set(slot, pollable.condition);
  }

  /**
   * Waits for the first pollable that is ready, and wakes the calls of all that are. Three cases:
   *
   * @param timeout ns. Infinity: waits until something is ready; above 0: no longer than that, and no shorter unless something
   * is; 0: looks, without waiting. With nothing registered it sleeps. `interrupt` ends it early. One wait at a time.
   */
  async pollIO(timeout: number): Promise<void> {
    this.#clock.deadline = after(this.machine.now(), timeout);
    this.#waiting = true;
    const found = await this.#poll.poll(this.#list);
    this.#waiting = false;
    const fired = this.#fired;
    for (let i = 0; i < found; i++) {
      const pollable = this.#pollables[this.#list.ready[i]!];
      if (pollable !== undefined) fired.push(pollable);
    }
    for (const pollable of fired) {
      if (pollable.parked) pollable.wake();
      else this.done(pollable);
    }
    fired.length = 0;
  }

  /** One look at one condition, without waiting. */
  look(condition: Condition): boolean {
    return this.#poll.look(condition);
  }

  /** Whether the machine can wait for it: known from then on by the source, too. */
  canWaitFor(source: Source, interest: number): boolean {
    return this.#poll.canWaitFor(source, interest);
  }

  /** Gives the event loop a turn: what was woken goes on before it is over, and so does the rest of the program. */
  turn(): Promise<void> {
    return this.machine.selector.wait(0);
  }

  /** Ends the wait that is under way, if there is one. */
  interrupt(): void {
    if (!this.#waiting) return;
    this.#clock.deadline = 0;
    this.#poll.wake();
  }

  /** Must be called before the source of these pollables is closed. */
  forget(...pollables: readonly Pollable[]): void {
    for (const pollable of pollables) {
      this.done(pollable);
      if (pollable.condition.source !== undefined) this.#poll.forget(pollable.condition.source);
    }
  }
}
