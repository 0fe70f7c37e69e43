import type { Source } from "../../machine/selector.ts";

/** Work that goes on in every wait, whatever that is for: bytes to be sent, a connection to be made. */
export interface Background {
  /** It waits for these events (READABLE | WRITABLE) of this source. */
  readonly source: Source;
  readonly interest: number;
  /** Goes on as far as it can now; returns true when it is over. */
  advance(): boolean;
}

/** The owner of the work: a guest's `Poll`. */
export interface Worker {
  /** One attempt of what goes on in the background. Returns whether it is over. */
  advance(work: Background): boolean;
  /** Something of its own has thrown in a wait that may be another's: its next wait is to throw that, or the one under way. */
  failed(error: unknown): void;
}
