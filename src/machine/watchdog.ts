/** What the thread that ends the process at a time is started with (-W timeout). */
export interface Watch<L> {
  /** Milliseconds, from the message by which the worker says that it watches. */
  readonly timeout: number;
  /** Said on stderr then. */
  readonly text: string;
  /** What the process exits with then: what a shell shows for SIGABRT, which ends it where it cannot exit by itself. */
  readonly status: number;
  /** What `lastWords` makes the rest of what is said of. */
  readonly last: L | undefined;
}

/** How long the last words may take, where nobody reads stderr, ms. */
export const PATIENCE = 100;
