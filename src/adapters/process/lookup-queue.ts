/** What look-ups are made on: threads of the process, few, and none can be taken back from a name server that does not answer. */
export class LookupThreads {
  readonly count: number;
  /** Look-ups under way, those that nobody waits for any more among them. */
  used = 0;
  /** The queues in which some wait, in the order in which they are to begin. */
  readonly waiting = new Set<{ startNext(): void }>();

  constructor(count: number) {
    this.count = count;
  }

  ended(): void {
    this.used--;
    for (const queue of this.waiting) queue.startNext();
  }
}

/** A machine has one thread, and more while it has fewer than one in so many of those that are free. */
const SHARE = 4;

export interface Queued {
  /** Begins; false: it is over already. */
  start(): boolean;
}

/** The look-ups of one machine: those under way hold up the others of the same guest, and hardly any other's. */
export class LookupQueue<Lookup extends Queued> {
  readonly #threads: LookupThreads;
  readonly #waiting = new Set<Lookup>();
  #used = 0;

  constructor(threads: LookupThreads) {
    this.#threads = threads;
  }

  add(lookup: Lookup): void {
    this.#waiting.add(lookup);
    this.#threads.waiting.add(this);
    this.startNext();
  }

  get empty(): boolean {
    return this.#waiting.size === 0;
  }

  /** Takes out one that has not begun; false: it has. */
  remove(lookup: Lookup): boolean {
    const waited = this.#waiting.delete(lookup);
    if (this.#waiting.size === 0) this.#threads.waiting.delete(this);
    return waited;
  }

  /** To be told of each that has begun, when it is over. */
  ended(): void {
    this.#used--;
    this.#threads.ended();
  }

  /** Begins what there is a thread for; then it is another queue's turn. */
  startNext(): void {
    for (const lookup of this.#waiting) {
      if (!this.#hasThread()) return;
      this.#waiting.delete(lookup);
      this.#threads.waiting.delete(this);
      if (this.#waiting.size > 0) this.#threads.waiting.add(this);
      if (!lookup.start()) continue;
      this.#used++;
      this.#threads.used++;
    }
  }

  #hasThread(): boolean {
    const { count, used } = this.#threads;
    return this.#used === 0 ? used < count : this.#used * SHARE < count - used;
  }
}
