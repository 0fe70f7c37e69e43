/** The settings of the thread that ends the process: after a time (-W timeout), or beyond a memory size. */
export interface Watch<L> {
  /** The time in ms, from when the worker reports that it watches; Infinity: no limit. */
  readonly timeout: number;
  /** The message for stderr when it ends the process. */
  readonly text: string;
  /** The exit status: the one that shells show for SIGABRT, which ends a process that cannot exit by itself. */
  readonly status: number;
  /** Also ends the process when its resident memory has grown by this many bytes since that report. */
  readonly growth?: number;
  /** The argument of `finalReport`, which makes the rest of the message. */
  readonly last: L | undefined;
}

/**
 * How long the final message may take if stderr is not read, ms: a busy machine may delay a thread's write for long.
 */
export const PATIENCE = 500;
