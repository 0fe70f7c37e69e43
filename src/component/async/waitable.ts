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

/** By their codes. */
export const eventNames = [
  "none",
  "subtask",
  "stream-read",
  "stream-write",
  "future-read",
  "future-write",
  "task-cancelled",
] as const;

/** Returned by a call that has begun, and whose event will come. */
export const BLOCKED = 0xffff_ffff | 0;

/** Who waits for an event of a set, until it has taken one, or no longer wants one. */
export interface SetWaiter {
  /** There is an event, which another may take first. */
  notify(): void;
}

/**
 * A subtask, or an end of a stream or future (CanonicalABI.md, `Waitable`). Its event is what has become of it until it is
 * taken, so nothing is kept but that there is one.
 */
export abstract class Waitable implements TableEntry {
  readonly resource = undefined;
  /** In its instance's table. */
  index = 0;
  /** Whether an event is pending. */
  pending = false;
  /** Whether a call waits for the event inside the guest. */
  hasSyncWaiter = false;
  set: WaitableSet | undefined;
  /** The books of its set: its neighbours among those with an event. */
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

  /** The event is taken, or void. */
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

  /** A call is about to wait for it inside the guest. */
  refuseInSet(): void {
    if (this.set !== undefined) trap(SYNC_AND_SET);
  }
}

const SYNC_AND_SET = "waitable cannot be used synchronously while added to a waitable set";

/** The events of its members are taken in the order in which they came. */
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

  /** @throws Trap */
  drop(): void {
    if (this.#waiters.length > 0) trap("cannot drop waitable set with waiters");
    // in the words of wasmtime's own table
    if (this.#members > 0) throw new Trap("resource has children");
  }
}
