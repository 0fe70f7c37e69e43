import { type Machine, type Source, WRITABLE } from "../adapters/contract.ts";
import { type Condition, READY, SOURCE, TIMER } from "./condition.ts";
import { NEVER, remaining } from "./deadline.ts";

/** Something with bytes that could not be sent yet. */
export interface Draining {
  readonly source: Source;
  /** Sends what can be sent now; answers true when nothing is left to send (or nobody to send it to). */
  drain(): boolean;
}

/**
 * A call that may wait, written as a generator: it yields the condition that it waits for and goes on when that holds. The
 * strategy (blocking now; suspending with JSPI) is the caller's choice: see `Poll.run`.
 */
export type Blocking<T> = Generator<Condition, T, void>;

/**
 * The netpoll: one registry of sources, one combined wait over clock and conditions.
 *
 *     poll(list) -> any ready? (one look at the kernel too) -> answer all that are
 *                   none       -> wait until the nearest deadline of the list, or for ever -> look again
 *
 * Invariants:
 * - The selector holds at most one entry a source, whose interest covers what the current list wants of it. It is made when
 *   a poll first wants it and stays until it fires unasked or its source is closed, so an idle source costs a poll no system
 *   call. One that fires while the list does not want that event is taken back (level-triggered: the wait would spin).
 * - Sinks with queued bytes are waited for and drained in every wait, whatever its list.
 * - A timer is never early: the clock is read after the wait.
 * - Three timing cases: no deadline (wait for ever), one in the future (wait no longer than that), one passed (look only).
 */
export class Poll {
  readonly #machine: Machine;
  readonly #draining = new Set<Draining>();
  readonly #single: Condition[] = [];
  /** The number of the current look; a source's fields belong to it when they carry its number. */
  #round = 0;

  /** Indices, ascending, that the last `poll` found ready. Grows as needed. */
  ready = new Uint32Array(64);

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  now(): number {
    return this.#machine.now();
  }

  /** Waits until at least one of the first `count` conditions holds. Answers how many do; their indices are in `ready`. */
  poll(conditions: readonly Condition[], count: number): number {
    if (this.ready.length < count) this.ready = new Uint32Array(count * 2);
    for (;;) {
      const deadline = this.#declare(conditions, count);
      this.#select(deadline === NEVER ? NEVER : remaining(deadline, this.#machine.now()));
      const found = this.#collect(conditions, count);
      if (found > 0) return found;
    }
  }

  /** One look at one condition, without waiting. */
  look(condition: Condition): boolean {
    if (condition.kind === READY && this.#draining.size === 0) return true;
    this.#single[0] = condition;
    this.#declare(this.#single, 1);
    this.#select(0);
    return this.#collect(this.#single, 1) > 0;
  }

  block(condition: Condition): void {
    this.#single[0] = condition;
    this.poll(this.#single, 1);
  }

  /** Runs a call that may wait, to its end. */
  run<T>(steps: Blocking<T>): T {
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
      this.block(step.value);
    }
  }

  /** Drains `sink` in this and every later wait until it says that it is done. */
  addDraining(sink: Draining): void {
    this.#draining.add(sink);
  }

  removeDraining(sink: Draining): void {
    this.#draining.delete(sink);
  }

  /** Must be called before a source is closed. */
  forget(source: Source): void {
    this.#machine.selector.forget(source);
  }

  /** One attempt to send what is queued, without waiting: what a process does before it exits. */
  drainAll(): void {
    for (const sink of this.#draining) if (sink.drain()) this.#draining.delete(sink);
  }

  /** Opens a round: tells the selector what this list wants. Answers the nearest deadline (0: something is ready already). */
  #declare(conditions: readonly Condition[], count: number): number {
    const round = ++this.#round;
    let deadline = NEVER;
    for (let i = 0; i < count; i++) {
      const condition = conditions[i]!;
      switch (condition.kind) {
        case READY:
          deadline = 0;
          break;
        case TIMER:
          if (condition.deadline < deadline) deadline = condition.deadline;
          break;
        case SOURCE:
          if (!this.#want(condition.source!, condition.interest, round)) deadline = 0;
      }
    }
    for (const sink of this.#draining) this.#want(sink.source, WRITABLE, round);
    return deadline;
  }

  /** Answers false where the machine cannot wait for the source: it is always ready. */
  #want(source: Source, interest: number, round: number): boolean {
    if (source.wantedRound === round) source.wanted |= interest;
    else {
      source.wantedRound = round;
      source.wanted = interest;
    }
    const missing = source.wanted & ~source.registered;
    if (missing !== 0 && source.pollable) this.#register(source, source.registered | missing);
    return source.pollable;
  }

  #register(source: Source, interest: number): void {
    source.pollable = this.#machine.selector.setInterest(source, interest);
    source.registered = source.pollable ? interest : 0;
  }

  #select(timeout: number): void {
    const selector = this.#machine.selector;
    const fired = selector.select(timeout);
    const round = this.#round;
    for (let i = 0; i < fired; i++) {
      const source = selector.sources[i]!;
      source.ready = selector.events[i]!;
      source.readyRound = round;
      const wanted = source.wantedRound === round ? source.wanted : 0;
      if ((source.ready & wanted) === 0) this.#register(source, wanted);
    }
    if (this.#draining.size === 0) return;
    for (const sink of this.#draining) {
      const { source } = sink;
      const writable = source.readyRound === round && (source.ready & WRITABLE) !== 0;
      if (writable && sink.drain()) this.#draining.delete(sink);
    }
  }

  #collect(conditions: readonly Condition[], count: number): number {
    const round = this.#round;
    const ready = this.ready;
    let found = 0;
    let now = -1;
    for (let i = 0; i < count; i++) {
      const condition = conditions[i]!;
      switch (condition.kind) {
        case READY:
          ready[found++] = i;
          break;
        case TIMER:
          if (now < 0) now = this.#machine.now();
          if (condition.deadline <= now) ready[found++] = i;
          break;
        case SOURCE: {
          const source = condition.source!;
          const fires = source.readyRound === round && (source.ready & condition.interest) !== 0;
          if (!fires && source.pollable) break;
          if (condition.confirm === undefined || condition.confirm()) ready[found++] = i;
        }
      }
    }
    return found;
  }
}
