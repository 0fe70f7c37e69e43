import { type Condition, Waiter } from "./condition.ts";
import { WaitSet } from "./wait-set.ts";

/** The most ready entries that are sorted by insertion. */
const FEW = 32;

// Shared by lists that have not been used.
const noIndices = new Uint32Array(0);
const noKeys = new Int32Array(0);
const noDoubles = new Float64Array(0);

/** Returns an even capacity for a list of `count` entries and one word more. */
function roomFor(count: number): number {
  return Math.max(64, count * 2 + 2);
}

/** A guest's memory with a list of keys: as 32-bit words, and as pairs of them. */
export interface KeyMemory {
  readonly words: Int32Array;
  readonly doubles: Float64Array;
}

/**
 * A list of conditions that is polled repeatedly. Its maker sets the entries by index (`resize`, `set`), or compares them with a
 * list of keys in memory (`begin`, `next`, `place`, `finish`). Keys are handles, from 1. An entry with the same key as before need
 * not be placed. One that has moved keeps its waiter, so a guest whose list shifts pays only for an index each.
 */
export class PollList extends WaitSet<undefined> {
  count = 0;
  /** The indices that the last poll found ready, ascending. */
  ready = noIndices;
  readonly #waiters: Waiter<undefined>[] = [];

  /** The keys of the entries, from index `#shift` on. It is 0 or 1, so that pairs of words are aligned here as in memory. */
  #keys = noKeys;
  #doubles = noDoubles;
  #shift = 0;
  /** The number of entries that may be unchanged. */
  #known = 0;
  #words: Int32Array = noKeys;
  #memory: Float64Array = noDoubles;
  #first = 0;
  #changed = false;
  /** The waiters by key. If a key occurs several times, one of its waiters. */
  readonly #byKey: (Waiter<undefined> | undefined)[] = [];
  /** Waiters whose place another has taken: they have moved, or are gone. */
  readonly #displaced: Waiter<undefined>[] = [];
  /** The most entries that may share a key with another. */
  #repeated = 0;

  /** Sets the number of entries. New ones must be `set`. */
  resize(count: number): void {
    for (let i = count; i < this.#waiters.length; i++) {
      const waiter = this.#waiters[i];
      if (waiter !== undefined) this.remove(waiter);
    }
    this.#waiters.length = Math.min(this.#waiters.length, count);
    if (this.ready.length < count) this.ready = new Uint32Array(roomFor(count));
    this.count = count;
  }

  set(index: number, condition: Condition): void {
    const waiter = this.#waiters[index];
    if (waiter === undefined) this.#waiters[index] = this.#make(index, 0, condition);
    else this.retarget(waiter, condition);
  }

  static of(...conditions: readonly Condition[]): PollList {
    const list = new PollList();
    list.resize(conditions.length);
    conditions.forEach((condition, i) => {
      list.set(i, condition);
    });
    return list;
  }

  /**
   * Begins to compare the list with `count` keys from word number `first` on. Call `finish` when all entries from `next` are
   * placed.
   */
  begin({ words, doubles }: KeyMemory, first: number, count: number): void {
    this.#words = words;
    this.#memory = doubles;
    this.#first = first;
    this.#known = Math.min(count, this.count);
    this.#changed = count !== this.count;
    this.#reserve(count);
    const shift = first & 1;
    if (shift === this.#shift) return;
    this.#keys.copyWithin(shift, this.#shift, this.#shift + this.count);
    this.#shift = shift;
  }

  /**
   * Makes entries of a key be placed again, as its condition may have changed. To be called between `begin` and the first `next`.
   */
  forget(key: number): void {
    const waiter = this.#byKey[key];
    if (this.#repeated > 0) this.forgetAll();
    else if (waiter !== undefined) this.#invalidate(waiter.index);
  }

  forgetAll(): void {
    this.#known = 0;
  }

  /** Stores a key that differs from the one in memory, whatever the guest has written. */
  #invalidate(index: number): void {
    this.#keys[index + this.#shift] = ~this.#words[index + this.#first]!;
  }

  /** Returns the first index from `from` on whose entry must be placed; the count if there is none. */
  next(from: number): number {
    const known = this.#known;
    const first = this.#first;
    const shift = this.#shift;
    const words = this.#words;
    const keys = this.#keys;
    let i = from;
    if (i < known && ((i + shift) & 1) === 1) {
      if (words[first + i] !== keys[shift + i]) return i;
      i++;
    }
    // Two at a time. Keys are above 0 and far below 2^31, so two of them as a double are neither NaN nor a zero.
    const memory = this.#memory;
    const doubles = this.#doubles;
    while (i + 1 < known && memory[(first + i) >> 1] === doubles[(shift + i) >> 1]) i += 2;
    while (i < known && words[first + i] === keys[shift + i]) i++;
    return i;
  }

  /** Sets the condition for the key at `index`. Called in the ascending order of `next`. */
  place(index: number, condition: Condition): void {
    const keys = this.#keys;
    const shift = this.#shift;
    const key = this.#words[this.#first + index]!;
    const before = index < this.count ? this.#waiters[index] : undefined;
    let waiter = this.#byKey[key];
    const stands = waiter !== undefined && this.#waiters[waiter.index] === waiter;
    if (waiter === undefined || (stands && waiter.index < index && keys[waiter.index + shift] === key)) {
      // A waiter with the same key that is nowhere, or before this place, may be the one that was here.
      const isFirst = waiter === undefined;
      const isKept = before !== undefined && before.key === key && before !== waiter;
      waiter = isKept ? before : this.#make(index, key, condition);
      if (isFirst) this.#byKey[key] = waiter;
      if (isKept === isFirst) this.#repeated += isFirst ? -1 : 1;
    } else if (stands && waiter.index > index) {
      // If its old place has another entry of the same key, that is seen when that place is reached.
      this.#invalidate(waiter.index);
    }
    if (before !== undefined && before !== waiter) this.#displaced.push(before);
    this.#waiters[index] = waiter;
    waiter.index = index;
    keys[index + shift] = key;
    this.retarget(waiter, condition);
    this.#changed = true;
  }

  finish(count: number): void {
    if (!this.#changed) return;
    for (let i = count; i < this.count; i++) this.#displaced.push(this.#waiters[i]!);
    this.#waiters.length = count;
    this.count = count;
    if (this.#displaced.length === 0) return;
    for (const waiter of this.#displaced) if (this.#waiters[waiter.index] !== waiter) this.#drop(waiter);
    this.#displaced.length = 0;
  }

  #make(index: number, key: number, condition: Condition): Waiter<undefined> {
    const waiter = new Waiter(condition, undefined);
    waiter.index = index;
    waiter.key = key;
    this.add(waiter);
    return waiter;
  }

  #drop(waiter: Waiter<undefined>): void {
    this.remove(waiter);
    if (this.#byKey[waiter.key] === waiter) this.#byKey[waiter.key] = undefined;
    else this.#repeated--;
  }

  #reserve(count: number): void {
    if (this.#keys.length > count) return;
    const keys = this.#keys;
    this.#keys = new Int32Array(roomFor(count));
    this.#keys.set(keys);
    this.#doubles = new Float64Array(this.#keys.buffer);
    this.ready = new Uint32Array(roomFor(count));
  }

  override report(count: number): void {
    const { found, ready } = this;
    for (let i = 0; i < count; i++) ready[i] = found[i]!.index;
    if (count > 1) this.#sort(count);
  }

  /** Sorts the ready indices. They are usually few, where a view for `sort` (115 ns on Bun) would cost more than sorting. */
  #sort(count: number): void {
    const { ready } = this;
    if (count > FEW) {
      ready.subarray(0, count).sort();
      return;
    }
    for (let i = 1; i < count; i++) {
      const index = ready[i]!;
      let at = i;
      for (; at > 0 && ready[at - 1]! > index; at--) ready[at] = ready[at - 1]!;
      ready[at] = index;
    }
  }
}
