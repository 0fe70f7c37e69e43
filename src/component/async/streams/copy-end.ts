import { Trap } from "../../../core/wait/errors.ts";
import type { HandleBudget } from "../../instance/handles.ts";
import type { GuestMemory } from "../../instance/memory.ts";
import { isNumber } from "../../types/layout.ts";
import type { StreamOrFuture, ValType } from "../../types/types.ts";
import type { InstanceTasks } from "../instance-tasks.ts";
import { trap } from "../trap.ts";
import { FUTURE_READ, FUTURE_WRITE, STREAM_READ, STREAM_WRITE, Waitable } from "../waitable.ts";

/** The results of a copy (CanonicalABI.md, `CopyResult`). */
export const COMPLETED = 0;
export const DROPPED = 1;
export const CANCELLED = 2;

/** The layout of values of one type in a guest's memory, with functions that read and write them. */
export interface Element {
  /** Undefined if no value is carried, only the fact that something was sent. */
  readonly type: ValType | undefined;
  /** bytes */
  readonly size: number;
  readonly align: number;
  readonly memory: GuestMemory | undefined;
  load(ptr: number): unknown;
  store(value: unknown, ptr: number): void;
}

/** The number of resources that a stream or future counts as: wasmtime has an entry for it, and one for each end. */
export const SHARED_RESOURCE_WEIGHT = 3;

/** The fuel for a value other than a number that goes from guest to guest, bytes. */
const VALUE = 40;

/** A stream or future as its ends see it. */
export abstract class Shared {
  abstract readonly kind: StreamOrFuture["kind"];
  /** The number of its ends that guests have. */
  #held = 0;

  /** Begins a guest's read or write, which may end at once (`complete`). */
  abstract copy(end: CopyEnd): void;
  /** Cancels a read or write. */
  abstract cancel(end: CopyEnd): void;
  /** Called when the end's event was taken: nothing more can be added to that copy. */
  abstract taken(end: CopyEnd): void;
  abstract dropEnd(end: CopyEnd): void;

  /** Counts an end that a guest gets. */
  hold(budget: HandleBudget): void {
    if (this.#held++ === 0) budget.addConcurrent(SHARED_RESOURCE_WEIGHT);
  }

  release(budget: HandleBudget): void {
    if (--this.#held === 0) budget.removeConcurrent(SHARED_RESOURCE_WEIGHT);
  }
}

/** A guest's end of a stream or future (CanonicalABI.md, `CopyEnd`), with the read or write that is under way. */
export class CopyEnd extends Waitable {
  readonly shared: Shared;
  readonly instance: InstanceTasks;
  readonly way: "read" | "write";
  override readonly event: number;
  /** The type of its values, as its instance knows it. */
  payload: ValType | undefined;
  #copying = false;
  /** Whether the guest knows that nothing more can be done with it. */
  #done = false;
  /** Whether the call that began the copy has not returned, so that no event is needed. */
  #calling = false;
  #completed = false;
  #result = COMPLETED;
  element: Element | undefined;
  /** The guest's buffer: its address, its capacity, and the number of values copied so far. */
  ptr = 0;
  length = 0;
  progress = 0;

  constructor(shared: Shared, instance: InstanceTasks, way: "read" | "write", payload: ValType | undefined) {
    super();
    this.shared = shared;
    this.instance = instance;
    this.way = way;
    this.payload = payload;
    const [read, write] = shared.kind === "stream" ? [STREAM_READ, STREAM_WRITE] : [FUTURE_READ, FUTURE_WRITE];
    this.event = way === "read" ? read : write;
    shared.hold(instance.scheduler.budget);
  }

  get copying(): boolean {
    return this.#copying;
  }

  get done(): boolean {
    return this.#done;
  }

  get remaining(): number {
    return this.length - this.progress;
  }

  /** The address of the next value. */
  get next(): number {
    return this.ptr + this.progress * (this.element?.size ?? 0);
  }

  /** Allows a full call's fuel for lifting values of this end: all their strings and lists together are limited. */
  refuel(): void {
    if (this.element?.type?.info.pointers === true) this.element.memory?.refuel();
  }

  /** Begins a copy. Returns its packed result; undefined if an event will follow. */
  begin(element: Element, ptr: number, length: number): number | undefined {
    if (this.#copying) trap("cannot have concurrent operations active on a future/stream");
    if (this.#done) throw new Trap(this.#spent());
    this.element = element;
    this.ptr = this.#checked(element, ptr, length);
    this.length = length;
    this.progress = 0;
    this.#copying = true;
    this.#completed = false;
    this.#calling = true;
    try {
      this.shared.copy(this);
    } finally {
      this.#calling = false;
    }
    return this.#completed ? this.#packed() : undefined;
  }

  #checked({ size, align, memory }: Element, ptr: number, length: number): number {
    const start = ptr >>> 0;
    const bytes = length * size;
    if (bytes === 0 || memory === undefined) return start;
    // wasmtime has this message for reads and writes.
    if (!memory.holds(start, bytes)) throw new Trap("read pointer out of bounds of memory");
    if ((start & (align - 1)) !== 0) throw new Trap(`${this.way} pointer not aligned`);
    return start;
  }

  #spent(): string {
    const other = this.way === "read" ? "writable" : "readable";
    if (this.#result === DROPPED) return `cannot ${this.way} after being notified that the ${other} end dropped`;
    return this.way === "read"
      ? "cannot read from future after previous read succeeded"
      : "cannot write to future after previous write succeeded or readable end dropped";
  }

  /** Records the result of the copy. More values may be added until the guest takes the event. */
  complete(result: number): void {
    this.#result = result;
    this.#completed = true;
    if (!this.#calling) this.notify();
  }

  override take(): number {
    this.clear();
    return this.#packed();
  }

  #packed(): number {
    this.#copying = false;
    this.shared.taken(this);
    const result = this.#result;
    if (this.shared.kind === "future") {
      this.#done = result !== CANCELLED;
      return result;
    }
    this.#done = result === DROPPED;
    return result | (this.progress << 4);
  }

  /**
   * Cancels the copy. Returns its packed result. It ends at once.
   *
   * @param sync Whether the call is synchronous, so that the end must not be in a set
   */
  cancel(sync: boolean): number {
    if (!this.#copying || this.hasSyncWaiter)
      throw new Trap(`stream or future ${this.way} cancelled when no ${this.way} is pending`);
    if (sync) this.refuseInSet();
    if (this.#completed) {
      // The other end is still there: the guest is told of what was copied, and that the rest will not follow.
      if (this.shared.kind === "stream" && this.#result === COMPLETED) this.#result = CANCELLED;
    } else {
      this.#result = CANCELLED;
      this.shared.cancel(this);
    }
    return this.take();
  }

  drop(): void {
    if (this.#copying) throw new Trap(`cannot ${this.way === "read" ? "remove" : "drop"} busy ${this.shared.kind}`);
    if (this.shared.kind === "future" && this.way === "write" && !this.#done)
      throw new Trap("cannot drop future write end without first writing a value");
    this.#leave();
    this.shared.dropEnd(this);
  }

  /** Gives the end away from its instance. */
  give(): void {
    const { kind } = this.shared;
    if (this.#copying) throw new Trap(`cannot remove busy ${kind}`);
    if (this.#done)
      throw new Trap(
        kind === "stream"
          ? "cannot lift stream after being notified that the writable end dropped"
          : "cannot lift future after previous read succeeded",
      );
    if (this.set !== undefined) throw new Trap(`cannot lift ${kind} while it's in a waitable set`);
    this.#leave();
  }

  #leave(): void {
    this.instance.remove(this);
    this.shared.release(this.instance.scheduler.budget);
  }
}

/** Refuses a copy between two guests' ends that may not meet. */
export function refuseWithin(one: CopyEnd, other: CopyEnd): void {
  const { payload } = one;
  if (one.instance === other.instance && payload !== undefined && !isNumber(payload))
    throw new Trap("cannot read from and write to intra-component future/stream with non-numeric payload");
}

/** Copies as many values as there are and fit. */
export function transfer(from: CopyEnd, to: CopyEnd): void {
  const source = from.element!;
  const target = to.element!;
  const count = Math.min(from.remaining, to.remaining);
  if (source.type !== undefined) {
    if (isNumber(source.type)) {
      target.memory!.copy(to.next, source.memory!, from.next, count * source.size);
    } else {
      // As in wasmtime, each value costs fuel of its own: values that move one by one take time that nothing can interrupt.
      source.memory?.refuel();
      source.memory?.burn(count * Math.max(source.size, VALUE));
      for (let i = 0; i < count; i++) {
        target.store(source.load(from.next + i * source.size), to.next + i * target.size);
      }
    }
  }
  from.progress += count;
  to.progress += count;
}
