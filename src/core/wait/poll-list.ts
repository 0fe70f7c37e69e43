import { type Condition, TIMER } from "./condition.ts";

/** Entries beyond the end of a list that are kept, for guests whose list grows and shrinks with its connections. */
const SPARE = 1024;

/** Ready entries that are put in order by insertion. */
const FEW = 32;

/**
 * A list of conditions that is polled again and again. It remembers what `Poll` worked out for it, so that polling a list of
 * thousands a second time costs nothing for the entries that are as they were.
 */
export class PollList {
  readonly conditions: Condition[] = [];
  /** What the list's maker knows each entry by: a handle's index. */
  keys = new Int32Array(64);
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
    // A long list that is gone must not hold on to what was in it.
    if (this.conditions.length > 2 * count + SPARE) {
      this.conditions.length = count;
    }
    if (this.next.length >= count) return;
    const { keys } = this;
    this.keys = new Int32Array(count * 2);
    this.keys.set(keys);
    this.next = new Int32Array(count * 2);
    this.ready = new Uint32Array(count * 2);
  }

  set(index: number, condition: Condition): void {
    const before = this.conditions[index];
    if (before === condition) return;
    this.conditions[index] = condition;
    if (before === undefined || before.kind !== TIMER || condition.kind !== TIMER) this.stale = true;
  }

  /** Few are the usual, where making a view to `sort` (115 ns on Bun) would cost more than sorting. */
  sortReady(found: number): void {
    const { ready } = this;
    if (found > FEW) {
      ready.subarray(0, found).sort();
      return;
    }
    for (let i = 1; i < found; i++) {
      const index = ready[i]!;
      let at = i;
      for (; at > 0 && ready[at - 1]! > index; at--) ready[at] = ready[at - 1]!;
      ready[at] = index;
    }
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
