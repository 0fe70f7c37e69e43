/** How long the guests may go on, together, before the host's event loop has its turn, ms. */
const BUDGET = 2;

/**
 * The event loop that the guests of a process share with their host. A wait does not count as a turn of it: guests whose waits
 * end within one turn, or by tasks that the runtime prefers to I/O (Bun's notifications), would keep it to themselves. Those
 * that yield go on one a turn, in the order in which they did.
 */
class Turn {
  #since = performance.now();
  #last: Promise<void> = Promise.resolve();

  /** Whether the next call that may wait is to yield. */
  get over(): boolean {
    return performance.now() - this.#since > BUDGET;
  }

  /** @param next Resolves in a later task of the event loop */
  yieldTurn(next: () => Promise<void>): Promise<void> {
    const given = this.#last.then(next).then(() => {
      this.#since = performance.now();
    });
    // A failure is that guest's alone.
    this.#last = given.catch(() => {});
    return given;
  }
}

export const turn = new Turn();
