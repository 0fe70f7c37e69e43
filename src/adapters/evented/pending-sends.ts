import { WRITABLE } from "../../machine/selector.ts";
import type { EventedSelector, EventedSource } from "./selector.ts";

/** Data of one machine's closed sockets that the runtime still holds and has not sent. */
export class PendingSends {
  /** WRITABLE while there is none. */
  readonly source: EventedSource;
  readonly #selector: EventedSelector;
  readonly #under = new Map<Promise<void>, (() => void) | undefined>();

  constructor(selector: EventedSelector) {
    this.#selector = selector;
    this.source = selector.open();
    selector.update(this.source, WRITABLE);
  }

  /**
   * @param left from a socket's close, never rejects; undefined if nothing is left
   * @param reset discards the data, for a peer that may take it late or never
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

  /** Discards what peers have not taken: it would keep the program alive for as long as they like. */
  reset(): void {
    for (const reset of this.#under.values()) reset?.();
  }
}
