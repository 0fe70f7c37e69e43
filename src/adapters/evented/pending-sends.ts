import { WRITABLE } from "../../machine/selector.ts";
import type { EventedSelector, EventedSource } from "./selector.ts";

/** What one machine's sockets had sent when they were closed, as long as the runtime still holds some of it. */
export class PendingSends {
  /** WRITABLE while there is nothing. */
  readonly source: EventedSource;
  readonly #selector: EventedSelector;
  readonly #under = new Map<Promise<void>, (() => void) | undefined>();

  constructor(selector: EventedSelector) {
    this.#selector = selector;
    this.source = selector.open();
    selector.update(this.source, WRITABLE);
  }

  /**
   * @param left of a socket's close: never rejects; undefined: there is nothing
   * @param reset where a peer may take it late or never: gives it up
   */
  add(left: Promise<void> | undefined, reset?: () => void): void {
    if (left === undefined) return;
    this.#under.set(left, reset);
    this.#selector.update(this.source, 0);
    left.then(() => {
      this.#under.delete(left);
      if (this.#under.size === 0) this.#selector.update(this.source, WRITABLE);
    });
  }

  /** Gives up what peers have not taken: it would keep the program alive for as long as they like. */
  reset(): void {
    for (const reset of this.#under.values()) reset?.();
  }
}
