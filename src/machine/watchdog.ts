/** What the thread that ends the process at a time is started with (-W timeout). */
export interface Watch<L> {
  /** Milliseconds, from the message by which the worker says that it watches. */
  readonly timeout: number;
  /** Said on stderr then. */
  readonly text: string;
  /** What the process exits with then. */
  readonly status: number;
  /** What `lastWords` makes the rest of what is said of. */
  readonly last: L | undefined;
}
