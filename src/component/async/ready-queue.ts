/** A task or other work that runs when its turn comes. */
export interface ReadyItem {
  run(): void;
  /** The next in the queue. Managed by the queue. */
  nextReady: ReadyItem | undefined;
  queued: boolean;
}

/** The tasks and other work that can run: first in, first out. */
export class ReadyQueue {
  #first: ReadyItem | undefined;
  #last: ReadyItem | undefined;

  get empty(): boolean {
    return this.#first === undefined;
  }

  /** Adds an item. One that is in the queue keeps its place. */
  add(item: ReadyItem): void {
    if (item.queued) return;
    item.queued = true;
    if (this.#last === undefined) this.#first = item;
    else this.#last.nextReady = item;
    this.#last = item;
  }

  /** Removes the first item that is `wanted`, and returns it. */
  take(wanted: (item: ReadyItem) => boolean): ReadyItem | undefined {
    let before: ReadyItem | undefined;
    for (let item = this.#first; item !== undefined; before = item, item = item.nextReady) {
      if (!wanted(item)) continue;
      if (before === undefined) this.#first = item.nextReady;
      else before.nextReady = item.nextReady;
      if (this.#last === item) this.#last = before;
      item.nextReady = undefined;
      item.queued = false;
      return item;
    }
    return undefined;
  }

  /** Removes the first item and runs it. Returns false if there was none. */
  runNext(): boolean {
    const item = this.#first;
    if (item === undefined) return false;
    this.#first = item.nextReady;
    if (this.#first === undefined) this.#last = undefined;
    item.nextReady = undefined;
    item.queued = false;
    item.run();
    return true;
  }
}
