/** The orders of the thread that ends the process: at a time (-W timeout), or beyond so much memory. */
export interface Watch<L> {
  /** Milliseconds, from the message by which the worker says that it watches; Infinity: there is no such time. */
  readonly timeout: number;
  /** Said on stderr then. */
  readonly text: string;
  /** The exit status then: the one that a shell shows for SIGABRT, which ends the process where it cannot exit by itself. */
  readonly status: number;
  /** The time has also come when the process has grown by so many bytes of resident memory since that message. */
  readonly growth?: number;
  /** `finalReport` makes the rest of the message of it. */
  readonly last: L | undefined;
}

/** How long the last words may take, where nobody reads stderr, ms: a busy machine may keep a thread from its write for long. */
export const PATIENCE = 500;
