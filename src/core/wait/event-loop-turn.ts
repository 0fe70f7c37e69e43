/** The time for which guests may run, together, before they yield to the host's event loop, ms. */
const BUDGET = 2;

/**
 * Turns of the event loop that the guests of a process share with their host. A wait does not count as a turn: waits may end within
 * one turn, or by tasks that the runtime prefers to I/O (Bun's notifications), so that the host would starve. Guests that yield
 * resume one a turn, in order.
 */
class EventLoopTurn {
  #since = performance.now();
  #last: Promise<void> = Promise.resolve();

  /** Whether the next call that may wait is to yield. */
  get over(): boolean {
    return performance.now() - this.#since > BUDGET;
  }

  /** @param next Returns a promise that resolves in a later task of the event loop */
  yieldTurn(next: () => Promise<void>): Promise<void> {
    const given = this.#last.then(next).then(() => {
      this.#since = performance.now();
    });
    // A failure concerns that guest alone.
    this.#last = given.catch(() => {});
    return given;
  }
}

export const eventLoopTurn = new EventLoopTurn();
