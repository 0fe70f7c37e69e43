import type { Worker } from "./background.ts";
import {
  type Condition,
  IMMEDIATE,
  NOWHERE,
  PENDING,
  READY,
  TIMED,
  TIMER,
  WATCHED,
  type Waiter,
  type WaiterSet,
} from "./condition.ts";
import { TimerHeap } from "./timer-heap.ts";

/** A suspended wait, of its set. */
export interface Listener {
  touched(): void;
}

/**
 * What one wait waits for, any number of waiters: kept from one wait to the next, so that a wait costs what has changed and what
 * has happened, not what there is. Adding and removing a waiter is O(1), a timer O(log n). Each waiter stands where its condition
 * puts it:
 *
 * - `immediate`: ready, or asked in every wait, since the machine cannot watch it;
 * - `timers`;
 * - watched: with its condition on the source, which the selector is told of before the next wait (`unregistered`);
 * - nowhere: its condition is pending.
 *
 * Any number of sets may be waited for at once, each by one wait.
 */
export class WaitSet<Owner = unknown> implements WaiterSet {
  readonly immediate: Waiter[] = [];
  readonly timers = new TimerHeap();
  /** Watched waiters of which the selector may not know all yet, and others that have been watched. */
  readonly unregistered: Waiter[] = [];
  /** Those that the last wait found ready, as many as it said, in no order. */
  readonly found: Waiter<Owner>[] = [];
  /** How many the wait under way has found so far. */
  hits = 0;
  awaitedBy: Worker | undefined = undefined;
  lastAwaitedBy: Worker | undefined = undefined;
  /** Whom it tells of what its wait may end by: something found, ready or due earlier, or a source to be watched. */
  listener: Listener | undefined = undefined;

  add(waiter: Waiter<Owner>): void {
    waiter.set = this;
    waiter.condition.join(waiter);
    this.#book(waiter, bookingOf(waiter.condition));
  }

  remove(waiter: Waiter): void {
    this.#book(waiter, NOWHERE);
    waiter.condition.leave(waiter);
    waiter.set = undefined;
  }

  /** From now on it waits for another condition. */
  retarget(waiter: Waiter<Owner>, condition: Condition): void {
    if (waiter.condition === condition) return;
    waiter.condition.leave(waiter);
    waiter.condition = condition;
    condition.join(waiter);
    this.changed(waiter);
  }

  /** Its condition has changed. */
  changed(waiter: Waiter): void {
    const booking = bookingOf(waiter.condition);
    if (booking !== waiter.booking) this.#book(waiter, booking);
    else if (booking === WATCHED) this.unregister(waiter);
    else if (booking === TIMED && this.timers.changed(waiter)) this.listener?.touched();
  }

  /** The selector is to be told of it before the next wait. */
  unregister(waiter: Waiter): void {
    if (waiter.queued || waiter.booking !== WATCHED) return;
    waiter.queued = true;
    this.unregistered.push(waiter);
    this.listener?.touched();
  }

  hit(waiter: Waiter): void {
    this.found[this.hits++] = waiter as Waiter<Owner>;
    this.listener?.touched();
  }

  /** Tells of what was found, once for each wait that found something. */
  report(_count: number): void {}

  #book(waiter: Waiter, booking: Waiter["booking"]): void {
    if (waiter.booking === IMMEDIATE) this.#leaveImmediate(waiter);
    else if (waiter.booking === TIMED) this.timers.remove(waiter);
    waiter.booking = booking;
    if (booking === WATCHED) {
      this.unregister(waiter);
      return;
    }
    if (booking === NOWHERE) return;
    if (booking === IMMEDIATE) waiter.place = this.immediate.push(waiter) - 1;
    else this.timers.add(waiter);
    this.listener?.touched();
  }

  #leaveImmediate(waiter: Waiter): void {
    const last = this.immediate.pop()!;
    if (last === waiter) return;
    this.immediate[waiter.place] = last;
    last.place = waiter.place;
  }
}

function bookingOf({ kind, source }: Condition): Waiter["booking"] {
  switch (kind) {
    case READY:
      return IMMEDIATE;
    case PENDING:
      return NOWHERE;
    case TIMER:
      return TIMED;
    default:
      return source?.pollable === true ? WATCHED : IMMEDIATE;
  }
}
