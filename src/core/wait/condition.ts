import type { Source, Watcher } from "../../machine/selector.ts";
import type { Worker } from "./background.ts";

/** The kinds of a condition: what it waits for now. */
export const READY = 0;
export const PENDING = 1;
export const SOURCE = 2;
export const TIMER = 3;

/** The collections of a set. A waiter is in the one for the kind that its condition had at the last look. */
export const NOWHERE = 0;
export const IMMEDIATE = 1;
export const TIMED = 2;
export const WATCHED = 3;

/**
 * The condition that a pollable waits for. Its owner (a stream, a socket, a timer) changes it in place as its state changes, so an
 * old pollable is always current. All pollables of one owner share it. The sets that wait for it are told of each change, which
 * costs nothing where there are none. It is one class, so that loops over thousands of conditions stay monomorphic.
 */
export class Condition implements Watcher {
  kind: typeof READY | typeof PENDING | typeof SOURCE | typeof TIMER;
  /** With kind SOURCE: the source that the machine watches; undefined if only `confirm` is asked. */
  source: Source | undefined;
  interest: number;
  /**
   * With kind PENDING: asked in a look, but not in a wait. With kind SOURCE: asked after the machine has reported the source, if
   * that alone does not mean that the operation will succeed (a datagram may be another peer's). It must remove whatever it
   * rejects, or the wait spins.
   */
  confirm: (() => boolean) | undefined;
  /** With kind TIMER: ns on the machine's clock. */
  deadline: number;
  /** Links of the registry: the first waiter for it, and its neighbours among the conditions on its source. */
  waiters: Waiter | undefined;
  previousWatcher: Condition | undefined;
  nextWatcher: Condition | undefined;

  private constructor(kind: 0 | 1 | 2 | 3, source: Source | undefined, interest: number, deadline: number) {
    this.kind = kind;
    this.source = source;
    this.interest = interest;
    this.confirm = undefined;
    this.deadline = deadline;
    this.waiters = undefined;
    this.previousWatcher = undefined;
    this.nextWatcher = undefined;
  }

  static ready(): Condition {
    return new Condition(READY, undefined, 0, 0);
  }

  static timer(deadline: number): Condition {
    return new Condition(TIMER, undefined, 0, deadline);
  }

  /** Returns a condition that holds while the machine reports `interest` (READABLE or WRITABLE) of `source`. */
  static source(source: Source, interest: number): Condition {
    return new Condition(SOURCE, source, interest, 0);
  }

  /** Makes it always hold. */
  markReady(): void {
    if (this.kind !== READY) this.#become(READY, this.source, this.interest);
  }

  /** Makes it pending, until its owner changes it again. */
  markPending(): void {
    if (this.kind !== PENDING) this.#become(PENDING, this.source, this.interest);
  }

  /** Makes it hold when `source` is ready; without a source, when `confirm` returns true. */
  watch(source: Source | undefined, interest: number): void {
    if (this.kind !== SOURCE || this.source !== source || this.interest !== interest)
      this.#become(SOURCE, source, interest);
  }

  /** Changes a timer's deadline, ns on the machine's clock. */
  retime(deadline: number): void {
    if (deadline === this.deadline) return;
    this.deadline = deadline;
    for (let waiter = this.waiters; waiter !== undefined; waiter = waiter.next) waiter.set?.changed(waiter);
  }

  #become(kind: 0 | 1 | 2, source: Source | undefined, interest: number): void {
    const awaited = this.waiters !== undefined;
    if (awaited) this.#leaveSource();
    this.kind = kind;
    this.source = source;
    this.interest = interest;
    if (!awaited) return;
    this.#joinSource();
    for (let waiter = this.waiters; waiter !== undefined; waiter = waiter.next) waiter.set?.changed(waiter);
  }

  /** Adds a waiter. While there are any, the condition is in its source's list. */
  join(waiter: Waiter): void {
    const first = this.waiters;
    waiter.next = first;
    if (first === undefined) this.#joinSource();
    else first.previous = waiter;
    this.waiters = waiter;
  }

  /** Removes a waiter. */
  leave(waiter: Waiter): void {
    const { previous, next } = waiter;
    if (previous === undefined) this.waiters = next;
    else previous.next = next;
    if (next !== undefined) next.previous = previous;
    waiter.previous = undefined;
    waiter.next = undefined;
    if (this.waiters === undefined) this.#leaveSource();
  }

  #joinSource(): void {
    const { source } = this;
    if (this.kind !== SOURCE || source === undefined) return;
    const first = firstWatcher(source);
    this.nextWatcher = first;
    if (first !== undefined) first.previousWatcher = this;
    source.watchers = this;
  }

  #leaveSource(): void {
    const { source, previousWatcher, nextWatcher } = this;
    if (this.kind !== SOURCE || source === undefined) return;
    if (previousWatcher === undefined) source.watchers = nextWatcher;
    else previousWatcher.nextWatcher = nextWatcher;
    if (nextWatcher !== undefined) nextWatcher.previousWatcher = previousWatcher;
    this.previousWatcher = undefined;
    this.nextWatcher = undefined;
  }
}

/** Returns the first of the conditions on a source that have waiters; `nextWatcher` leads to the others. */
export function firstWatcher(source: Source): Condition | undefined {
  return source.watchers as Condition | undefined;
}

/** The set of a waiter, as conditions and the registry see it. */
export interface WaiterSet {
  /** The worker that waits for the set now, if any. */
  readonly awaitedBy: Worker | undefined;
  /** The worker that waited for the set last. */
  readonly lastAwaitedBy: Worker | undefined;
  /** Called when the source of a waiter's condition has fired and the condition holds. */
  hit(waiter: Waiter): void;
  remove(waiter: Waiter): void;
  /** Called when the condition of a waiter has changed. */
  changed(waiter: Waiter): void;
  /** Called when the selector no longer watches all that a waiter needs of its source. */
  unregister(waiter: Waiter): void;
}

/**
 * A wait for one condition, in one set (wait-set.ts). It has the registry's links, so that waiting allocates nothing. Frequent
 * waits keep theirs.
 */
export class Waiter<Owner = unknown> {
  readonly owner: Owner;
  condition: Condition;
  /** The set that it is in. */
  set: WaiterSet | undefined = undefined;
  /** Its neighbours among the waiters for its condition. */
  previous: Waiter | undefined = undefined;
  next: Waiter | undefined = undefined;
  /** The collection of its set that holds it, and its index there. */
  booking: typeof NOWHERE | typeof IMMEDIATE | typeof TIMED | typeof WATCHED = NOWHERE;
  place = 0;
  /** Whether the selector is still to be told of it. */
  queued = false;
  /** The heap's key (timer-heap.ts), ns. Never later than the timer's deadline. */
  due = 0;
  /** For a poll list: its index there, and its key. */
  index = 0;
  key = 0;

  constructor(condition: Condition, owner: Owner) {
    this.condition = condition;
    this.owner = owner;
  }
}
