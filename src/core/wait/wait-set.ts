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

/** Listens to the changes of a set, for its wait. */
export interface Listener {
  touched(): void;
}

/**
 * The waiters of one wait. It is kept from one wait to the next, so that a wait costs what has changed and what has happened, not
 * what there is. Adding and removing a waiter is O(1), a timer O(log n). The condition determines the collection that a waiter is
 * in:
 *
 * - `immediate`: ready, or asked in every wait, as the machine cannot watch it;
 * - `timers`;
 * - watched: linked from its condition's source. The selector is told of new ones before the next wait (`unregistered`);
 * - nowhere: its condition is pending.
 *
 * Any number of sets may be waited for at once, each by one wait.
 */
export class WaitSet<Owner = unknown> implements WaiterSet {
  readonly immediate: Waiter[] = [];
  readonly timers = new TimerHeap();
  /** Watched waiters that the selector may not know yet. Some may no longer be watched. */
  readonly unregistered: Waiter[] = [];
  /** The waiters that the last wait found ready, as many as it returned, in no order. */
  readonly found: Waiter<Owner>[] = [];
  /** The number found so far by the current wait. */
  hits = 0;
  awaitedBy: Worker | undefined = undefined;
  lastAwaitedBy: Worker | undefined = undefined;
  /** Told of anything that may end the wait: a waiter that was found, is ready or due earlier, or a source to be watched. */
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

  /** Makes the waiter wait for another condition. */
  retarget(waiter: Waiter<Owner>, condition: Condition): void {
    if (waiter.condition === condition) return;
    waiter.condition.leave(waiter);
    waiter.condition = condition;
    condition.join(waiter);
    this.changed(waiter);
  }

  /** Called when the waiter's condition has changed. */
  changed(waiter: Waiter): void {
    const booking = bookingOf(waiter.condition);
    if (booking !== waiter.booking) this.#book(waiter, booking);
    else if (booking === WATCHED) this.unregister(waiter);
    else if (booking === TIMED && this.timers.changed(waiter)) this.listener?.touched();
  }

  /** Queues the waiter to be registered with the selector before the next wait. */
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

  /** Called once for each wait that found something. */
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
