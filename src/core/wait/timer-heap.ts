import type { Waiter } from "./condition.ts";
import { NEVER } from "./deadline.ts";

/**
 * Timers in a binary heap, by due time. Servers often put deadlines off and seldom reach them. So the heap's key is `due`, which is
 * never later than the deadline: putting it off changes nothing here until `due` is reached. Only then does the timer move to its
 * deadline. A wait may end too early for that, finds nothing and continues.
 */
export class TimerHeap {
  readonly #heap: Waiter[] = [];

  get size(): number {
    return this.#heap.length;
  }

  add(waiter: Waiter): void {
    waiter.due = waiter.condition.deadline;
    this.#rise(waiter, this.#heap.length);
  }

  remove(waiter: Waiter): void {
    const last = this.#heap.pop()!;
    if (last === waiter) return;
    last.place = waiter.place;
    this.#heap[last.place] = last;
    this.#reorder(last);
  }

  /** Updates a timer whose deadline has changed. Returns whether it is due earlier now. */
  changed(waiter: Waiter): boolean {
    if (waiter.condition.deadline >= waiter.due) return false;
    waiter.due = waiter.condition.deadline;
    this.#rise(waiter, waiter.place);
    return true;
  }

  /** Returns when the first timer may be due, ns; it is due if that is not after `now`. NEVER if there is none. */
  next(now: number): number {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined) return NEVER;
      const { deadline } = first.condition;
      if (first.due > now || deadline <= now) return first.due;
      first.due = deadline;
      this.#sink(first, 0);
    }
  }

  /** Adds the timers that are due to `found`, from index `count` on. Returns the new count. */
  collect(now: number, found: Waiter[], count: number): number {
    return this.#heap.length === 0 ? count : this.#collectFrom(0, now, found, count);
  }

  #collectFrom(place: number, now: number, found: Waiter[], count: number): number {
    let waiter = this.#heap[place];
    // Timers that were put off move now: otherwise each collect before the next `next` would visit them again.
    while (waiter !== undefined && waiter.due <= now && waiter.condition.deadline > now) {
      waiter.due = waiter.condition.deadline;
      this.#sink(waiter, place);
      waiter = this.#heap[place];
    }
    if (waiter === undefined || waiter.due > now) return count;
    found[count] = waiter;
    const next = this.#collectFrom(2 * place + 1, now, found, count + 1);
    return this.#collectFrom(2 * place + 2, now, found, next);
  }

  #reorder(waiter: Waiter): void {
    const { place } = waiter;
    this.#rise(waiter, place);
    if (waiter.place === place) this.#sink(waiter, place);
  }

  /** Puts a timer at `place` or further up. */
  #rise(waiter: Waiter, place: number): void {
    const heap = this.#heap;
    let at = place;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above]!;
      if (parent.due <= waiter.due) break;
      heap[at] = parent;
      parent.place = at;
      at = above;
    }
    heap[at] = waiter;
    waiter.place = at;
  }

  /** Puts a timer at `place` or further down. */
  #sink(waiter: Waiter, place: number): void {
    const heap = this.#heap;
    const { length } = heap;
    let at = place;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= length) break;
      if (below + 1 < length && heap[below + 1]!.due < heap[below]!.due) below++;
      const child = heap[below]!;
      if (child.due >= waiter.due) break;
      heap[at] = child;
      child.place = at;
      at = below;
    }
    heap[at] = waiter;
    waiter.place = at;
  }
}
