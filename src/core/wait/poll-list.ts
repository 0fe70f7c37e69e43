import { type Condition, Waiter } from "./condition.ts";
import { WaitSet } from "./wait-set.ts";

/** Ready entries that are put in order by insertion. */
const FEW = 32;

// A list has none of its own before it is first used.
const noIndices = new Uint32Array(0);
const noKeys = new Int32Array(0);
const noDoubles = new Float64Array(0);

/** An even number of entries, for a list of so many and a word more. */
function roomFor(count: number): number {
  return Math.max(64, count * 2 + 2);
}

/** A guest's memory, where a list of keys lies: as 32-bit words, and the same two at a time. */
export interface KeyMemory {
  readonly words: Int32Array;
  readonly doubles: Float64Array;
}

/**
 * A list of conditions that is polled again and again. Its maker sets the entries by their index (`resize`, `set`), or has them
 * compared with a list of keys in memory (`begin`, `next`, `place`, `finish`), handles from 1: an entry whose key is as it was
 * need not be placed, and one that has moved keeps its waiter, so that a guest whose list shifts pays for an index each.
 */
export class PollList extends WaitSet<undefined> {
  count = 0;
  /** The indices, ascending, that the last poll found ready. */
  ready = noIndices;
  readonly #waiters: Waiter<undefined>[] = [];

  /** The keys of the entries, from index `#shift` on: it is 0 or 1, so that a pair of words lies here as it lies in memory. */
  #keys = noKeys;
  #doubles = noDoubles;
  #shift = 0;
  /** How many entries may be as they were. */
  #known = 0;
  #words: Int32Array = noKeys;
  #memory: Float64Array = noDoubles;
  #first = 0;
  #changed = false;
  /** By key; of a key that stands in several places, the waiter of one of them. */
  readonly #byKey: (Waiter<undefined> | undefined)[] = [];
  /** Those whose place another has taken: they have moved, or they are gone. */
  readonly #displaced: Waiter<undefined>[] = [];
  /** How many entries have a key that another has, too, at most. */
  #repeated = 0;

  /** The list has `count` entries from now on; those that are new must be `set`. */
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

  /** The list is that of `count` keys from word number `first` on. Call `finish` when all that `next` names are placed. */
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

  /** The condition behind `key` may have changed: its entries must be placed again. To be called between `begin` and the first `next`. */
  forget(key: number): void {
    const waiter = this.#byKey[key];
    if (this.#repeated > 0) this.forgetAll();
    else if (waiter !== undefined) this.#invalidate(waiter.index);
  }

  forgetAll(): void {
    this.#known = 0;
  }

  /** Another key than is there, so that the place is found to differ, whatever the guest has written. */
  #invalidate(index: number): void {
    this.#keys[index + this.#shift] = ~this.#words[index + this.#first]!;
  }

  /** The first index from `from` on whose entry must be placed; where that is the count, there is none. */
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
    // Two at a time. A key is above 0 and far below 2^31, so as halves of a double two of them are neither NaN nor a zero.
    const memory = this.#memory;
    const doubles = this.#doubles;
    while (i + 1 < known && memory[(first + i) >> 1] === doubles[(shift + i) >> 1]) i += 2;
    while (i < known && words[first + i] === keys[shift + i]) i++;
    return i;
  }

  /** The condition that the key at `index` stands for: in ascending order of those that `next` names. */
  place(index: number, condition: Condition): void {
    const keys = this.#keys;
    const shift = this.#shift;
    const key = this.#words[this.#first + index]!;
    const before = index < this.count ? this.#waiters[index] : undefined;
    let waiter = this.#byKey[key];
    const stands = waiter !== undefined && this.#waiters[waiter.index] === waiter;
    if (waiter === undefined || (stands && waiter.index < index && keys[waiter.index + shift] === key)) {
      // Nowhere yet, or before this place, too: of the same key may be what has been here.
      const isFirst = waiter === undefined;
      const isKept = before !== undefined && before.key === key && before !== waiter;
      waiter = isKept ? before : this.#make(index, key, condition);
      if (isFirst) this.#byKey[key] = waiter;
      if (isKept === isFirst) this.#repeated += isFirst ? -1 : 1;
    } else if (stands && waiter.index > index) {
      // Whether its old place has another entry of the same key is seen when that is reached.
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

  /** Few are the usual, where making a view to `sort` (115 ns on Bun) would cost more than sorting. */
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
