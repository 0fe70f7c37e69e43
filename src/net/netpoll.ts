import { Condition, Waiter } from "../core/wait/condition.ts";
import { after, NEVER } from "../core/wait/deadline.ts";
import { SuspendingPoll } from "../core/wait/suspending-poll.ts";
import { WaitSet } from "../core/wait/wait-set.ts";
import type { SuspendingMachine } from "../machine/machine.ts";
import type { Source } from "../machine/selector.ts";

/** Something that calls wait for: one way of a socket, a look-up. */
export interface Pollable {
  /** The interest that it waits for. */
  readonly waiter: Waiter<Pollable>;
  /** When it is to be woken anyway; undefined: never, so far. */
  readonly timer: Waiter<Pollable> | undefined;
  /** Whether a call is waiting. */
  readonly parked: boolean;
  /** Lets the waiting call try again. */
  wake(): void;
}

/**
 * What calls wait for, and the one wait over all of it: `[clock, pollable, pollable, ...]`, one set of the core's registry, which
 * knows the rest (what the selector is told, what it reports, which timer is the next).
 *
 * A pollable stays in the set when its call goes on, for that call will most likely be back before the next wait: a server
 * that answers its requests changes nothing in it. One that fires while no call waits is taken out.
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

  /** From now on waited for, by a wait that is under way too. */
  add({ waiter, timer }: Pollable): void {
    this.#add(waiter);
    if (timer !== undefined && timer.condition.deadline !== NEVER) this.#add(timer);
  }

  #add(waiter: Waiter<Pollable>): void {
    if (waiter.set !== undefined) return;
    this.#set.add(waiter);
    this.interrupt();
  }

  /** The deadline of a pollable is another from now on, ns on the machine's clock: for a wait that is under way too. */
  retime(timer: Waiter<Pollable>, deadline: number): void {
    if (timer.set !== undefined && deadline < timer.due) this.interrupt();
    timer.condition.retime(deadline);
  }

  /** No longer waited for. */
  done({ waiter, timer }: Pollable): void {
    if (waiter.set !== undefined) this.#set.remove(waiter);
    if (timer?.set !== undefined) this.#set.remove(timer);
  }

  /**
   * Waits for the first pollable that is ready or due, and wakes the calls of all that are. Three cases:
   *
   * @param timeout ns. Infinity: waits until something is ready; above 0: no longer than that, and no shorter unless something
   * is; 0: looks, without waiting. With nothing registered it sleeps. `interrupt` ends it early. One wait at a time.
   */
  async pollIO(timeout: number): Promise<void> {
    this.#clock.condition.retime(after(this.machine.now(), timeout));
    const found = await this.#wait();
    for (let i = 0; i < found; i++) {
      const waiter = this.#set.found[i]!;
      const pollable = waiter.owner;
      if (pollable === undefined || waiter.set === undefined) continue;
      // A deadline is met once; another call has set another by then.
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
    this.#clock.condition.retime(0);
    this.#poll.wake();
  }

  /** Must be called before the source of these pollables is closed. */
  forget(...pollables: readonly Pollable[]): void {
    for (const pollable of pollables) {
      this.done(pollable);
      const { source } = pollable.waiter.condition;
      if (source !== undefined) this.#poll.forget(source);
    }
  }
}
