import { type Condition, TIMER } from "./condition.ts";

/**
 * A list of conditions that is polled again and again. It remembers what `Poll` worked out for it, so that polling a list of
 * thousands a second time costs nothing for the entries that are as they were.
 */
export class PollList {
  readonly conditions: Condition[] = [];
  count = 0;
  /** Whether an entry has changed since `Poll` last went through the list. A timer in the place of a timer is no change. */
  stale = true;
  /** The indices of what is not waited for in the kernel (timers, what is ready or pending), as of then. */
  readonly unwatched: number[] = [];
  /** Chains the entries that watch one source: the index of the next one, or -1. */
  next = new Int32Array(64);
  /** The indices, ascending, that the last poll found ready. */
  ready = new Uint32Array(64);

  /** The list has `count` entries from now on; those that are new must be `set`. */
  resize(count: number): void {
    if (count === this.count) return;
    this.count = count;
    this.stale = true;
    if (this.next.length >= count) return;
    this.next = new Int32Array(count * 2);
    this.ready = new Uint32Array(count * 2);
  }

  set(index: number, condition: Condition): void {
    const before = this.conditions[index];
    if (before === condition) return;
    this.conditions[index] = condition;
    if (before === undefined || before.kind !== TIMER || condition.kind !== TIMER) this.stale = true;
  }

  static of(...conditions: readonly Condition[]): PollList {
    const list = new PollList();
    list.resize(conditions.length);
    conditions.forEach((condition, i) => {
      list.set(i, condition);
    });
    return list;
  }
}
