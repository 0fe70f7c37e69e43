import type { Source } from "../../machine/selector.ts";

/** Work that goes on in every wait, whatever that waits for: sending queued bytes, making a connection. */
export interface Background {
  /** The events (READABLE | WRITABLE) of a source that it waits for. */
  readonly source: Source;
  readonly interest: number;
  /** Goes on as far as it can now. Returns true when it is over. */
  advance(): boolean;
}

/** The owner of the work: a guest's `Poll`. */
export interface Worker {
  /** Makes one attempt of background work. Returns whether it is over. */
  advance(work: Background): boolean;
  /** Records an exception of its own work that another's wait has met. Its next wait throws it, or the one under way. */
  failed(error: unknown): void;
}
