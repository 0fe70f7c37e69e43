import type { Source, Watcher } from "../../machine/selector.ts";
import type { Worker } from "./background.ts";

/** The kinds of condition: what it waits for now. */
export const READY = 0;
export const PENDING = 1;
export const SOURCE = 2;
export const TIMER = 3;

/** Where a set keeps a waiter, by the kind that its condition had when the set last looked. */
export const NOWHERE = 0;
export const IMMEDIATE = 1;
export const TIMED = 2;
export const WATCHED = 3;

/**
 * What a pollable waits for. Its owner (a stream, a socket, a timer) changes it in place as its state changes, so a pollable
 * made long ago is always current; all pollables of one owner share it. The sets that wait for it are told of each change, which
 * costs what they have of it, and nothing where nobody waits. One class, so that what goes over thousands of them stays
 * monomorphic.
 */
export class Condition implements Watcher {
  kind: typeof READY | typeof PENDING | typeof SOURCE | typeof TIMER;
  /** With kind SOURCE: what the machine watches, and for what; undefined: nothing, only `confirm` is asked. */
  source: Source | undefined;
  interest: number;
  /**
   * With kind PENDING: asked in a look, but not in a wait. With kind SOURCE: asked after the machine has reported it, where that
   * alone does not mean that the operation will not answer would-block (a datagram of another peer). What it finds wanting it
   * must take away, or the wait spins.
   */
  confirm: (() => boolean) | undefined;
  /** With kind TIMER: ns on the machine's clock. */
  deadline: number;
  /** The registry's books: who waits for it, the first of them; and its neighbours among the conditions on its source. */
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

  /** Ready while the machine reports `interest` (READABLE or WRITABLE) of `source`. */
  static source(source: Source, interest: number): Condition {
    return new Condition(SOURCE, source, interest, 0);
  }

  /** From now on always ready. */
  markReady(): void {
    if (this.kind !== READY) this.#become(READY, this.source, this.interest);
  }

  /** From now on not ready, until its owner says otherwise. */
  markPending(): void {
    if (this.kind !== PENDING) this.#become(PENDING, this.source, this.interest);
  }

  /** From now on ready when `source` is; undefined: when `confirm` says so. */
  watch(source: Source | undefined, interest: number): void {
    if (this.kind !== SOURCE || this.source !== source || this.interest !== interest)
      this.#become(SOURCE, source, interest);
  }

  /** A timer's new deadline, ns on the machine's clock. */
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

  /** A waiter for it comes: while it has any, its source knows it. */
  join(waiter: Waiter): void {
    const first = this.waiters;
    waiter.next = first;
    if (first === undefined) this.#joinSource();
    else first.previous = waiter;
    this.waiters = waiter;
  }

  /** A waiter for it goes. */
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

/** The first of the conditions on a source that somebody waits for; `nextWatcher` leads to the others. */
export function firstWatcher(source: Source): Condition | undefined {
  return source.watchers as Condition | undefined;
}

/** The set of a waiter, as conditions and the registry see it. */
export interface WaiterSet {
  /** The worker that waits for the set now, if any. */
  readonly awaitedBy: Worker | undefined;
  /** The worker that waited for the set last. */
  readonly lastAwaitedBy: Worker | undefined;
  /** The source of one of its waiters has fired, or that has been asked for besides: it is found. */
  hit(waiter: Waiter): void;
  remove(waiter: Waiter): void;
  /** The condition of one of its waiters has changed. */
  changed(waiter: Waiter): void;
  /** The selector no longer watches the source of one of its waiters, or not all that it wants of it. */
  unregister(waiter: Waiter): void;
}

/**
 * One wait for a condition, in one set (wait-set.ts). It holds the registry's books, so that waiting allocates nothing; whoever
 * waits often keeps it.
 */
export class Waiter<Owner = unknown> {
  readonly owner: Owner;
  condition: Condition;
  /** The set that it is in. */
  set: WaiterSet | undefined = undefined;
  /** Its neighbours among the waiters for its condition. */
  previous: Waiter | undefined = undefined;
  next: Waiter | undefined = undefined;
  /** Which of its set's collections holds it, and at which place. */
  booking: typeof NOWHERE | typeof IMMEDIATE | typeof TIMED | typeof WATCHED = NOWHERE;
  place = 0;
  /** Whether it waits for the selector to be told of it. */
  queued = false;
  /** The heap's key (timer-heap.ts), ns. Never later than the timer's deadline. */
  due = 0;
  /** A list's: its index, and what the list's maker knows it by. */
  index = 0;
  key = 0;

  constructor(condition: Condition, owner: Owner) {
    this.condition = condition;
    this.owner = owner;
  }
}
