/** The few threads of the process for look-ups. A look-up cannot be cancelled while a name server does not answer. */
export class LookupThreads {
  readonly count: number;
  /** Look-ups in progress, including those that are no longer wanted. */
  used = 0;
  /** The queues with waiting look-ups, in the order in which they get a thread. */
  readonly waiting = new Set<{ startNext(): void }>();

  constructor(count: number) {
    this.count = count;
  }

  ended(): void {
    this.used--;
    for (const queue of this.waiting) queue.startNext();
  }
}

/**
 * A machine may have one look-up in progress, and further ones while it has fewer than one in this many of the free
 * threads.
 */
const FREE_THREADS_PER_LOOKUP = 4;

export interface Queued {
  /** Begins the look-up. Returns false if it is over already. */
  start(): boolean;
}

/**
 * The look-ups of one machine: those in progress delay the others of the same guest, and hardly those of other guests.
 */
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

  /** Removes a look-up that has not begun. Returns false if it has. */
  remove(lookup: Lookup): boolean {
    const waited = this.#waiting.delete(lookup);
    if (this.#waiting.size === 0) this.#threads.waiting.delete(this);
    return waited;
  }

  /** Call this when a look-up that had begun is over. */
  ended(): void {
    this.#used--;
    this.#threads.ended();
  }

  /** Begins as many look-ups as there are threads for; then it is another queue's turn. */
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
    return this.#used === 0 ? used < count : this.#used * FREE_THREADS_PER_LOOKUP < count - used;
  }
}
