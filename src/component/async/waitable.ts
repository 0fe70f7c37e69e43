import { Trap } from "../../core/wait/errors.ts";
import type { TableEntry } from "../instance/handles.ts";
import { trap } from "./trap.ts";

/** The events that a callback or `waitable-set.wait` is told of (CanonicalABI.md, `EventCode`). */
export const NONE = 0;
export const SUBTASK = 1;
export const STREAM_READ = 2;
export const STREAM_WRITE = 3;
export const FUTURE_READ = 4;
export const FUTURE_WRITE = 5;
export const TASK_CANCELLED = 6;

/** The names of the events, by code. */
export const eventNames = [
  "none",
  "subtask",
  "stream-read",
  "stream-write",
  "future-read",
  "future-write",
  "task-cancelled",
] as const;

/** Returned by a call that has begun, and whose event will follow. */
export const BLOCKED = 0xffff_ffff | 0;

/** A task that waits for an event of a set, until it takes one or stops waiting. */
export interface SetWaiter {
  /** Called when there is an event. Another task may take it first. */
  notify(): void;
}

/**
 * A subtask, or an end of a stream or future (CanonicalABI.md, `Waitable`). Its event is computed when it is taken, so only the
 * fact that there is one is kept.
 */
export abstract class Waitable implements TableEntry {
  readonly resource = undefined;
  /** Its index in the instance's table. */
  index = 0;
  /** Whether an event is pending. */
  pending = false;
  /** Whether a call waits for the event inside the guest. */
  hasSyncWaiter = false;
  set: WaitableSet | undefined;
  /** Its neighbours in its set's list of waitables with an event. Managed by the set. */
  nextPending: Waitable | undefined;
  previousPending: Waitable | undefined;
  abstract readonly event: number;

  /** Takes the event. Returns its payload. */
  abstract take(): number;

  notify(): void {
    if (this.pending) return;
    this.pending = true;
    this.set?.arrived(this);
  }

  /** Removes the pending event: it was taken, or is void. */
  protected clear(): void {
    if (!this.pending) return;
    this.pending = false;
    this.set?.taken(this);
  }

  join(set: WaitableSet | undefined): void {
    if (this.hasSyncWaiter) trap(SYNC_AND_SET);
    if (this.set === set) return;
    this.set?.remove(this);
    this.set = set;
    set?.add(this);
  }

  /** Checks that a call may wait for it inside the guest: it must not be in a set. @throws Trap */
  refuseInSet(): void {
    if (this.set !== undefined) trap(SYNC_AND_SET);
  }
}

const SYNC_AND_SET = "waitable cannot be used synchronously while added to a waitable set";

/** A set of waitables. Events are taken in the order in which they came. */
export class WaitableSet implements TableEntry {
  readonly resource = undefined;
  #members = 0;
  #first: Waitable | undefined;
  #last: Waitable | undefined;
  readonly #waiters: SetWaiter[] = [];

  get first(): Waitable | undefined {
    return this.#first;
  }

  add(member: Waitable): void {
    this.#members++;
    if (member.pending) this.arrived(member);
  }

  remove(member: Waitable): void {
    this.#members--;
    if (member.pending) this.taken(member);
  }

  arrived(member: Waitable): void {
    member.previousPending = this.#last;
    if (this.#last === undefined) this.#first = member;
    else this.#last.nextPending = member;
    this.#last = member;
    for (let i = 0; i < this.#waiters.length; i++) this.#waiters[i]!.notify();
  }

  taken(member: Waitable): void {
    const { previousPending, nextPending } = member;
    if (previousPending === undefined) this.#first = nextPending;
    else previousPending.nextPending = nextPending;
    if (nextPending === undefined) this.#last = previousPending;
    else nextPending.previousPending = previousPending;
    member.previousPending = undefined;
    member.nextPending = undefined;
  }

  wait(waiter: SetWaiter): void {
    this.#waiters.push(waiter);
    if (this.#first !== undefined) waiter.notify();
  }

  unwait(waiter: SetWaiter): void {
    if (this.#waiters.at(-1) === waiter) this.#waiters.pop();
    else this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
  }

  /** Drops the set. @throws Trap if it has members or waiters */
  drop(): void {
    if (this.#waiters.length > 0) trap("cannot drop waitable set with waiters");
    // The message of wasmtime's own table.
    if (this.#members > 0) throw new Trap("resource has children");
  }
}
