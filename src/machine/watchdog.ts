/**
 * The settings of the thread that ends the process: after a time (-W timeout), beyond a memory size, or when a signal has
 * come and the report is still to be made (--stats).
 */
export interface Watch<L> {
  /** The time in ms, from when the worker reports that it watches; Infinity: no limit. */
  readonly timeout: number;
  /** The message for stderr when it ends the process. */
  readonly text: string;
  /** The exit status: the one that shells show for SIGABRT, which ends a process that cannot exit by itself. */
  readonly status: number;
  /** Also ends the process when its resident memory has grown by this many bytes since that report. */
  readonly growth?: number;
  /** Each of them ends the process, once the report is made. */
  readonly signals?: WatchedSignals;
  /** With it the thread writes the text at its time, unless the first element is not 0 by then, and ends nothing. */
  readonly over?: Int32Array<SharedArrayBuffer>;
  /** Whether a line is written every second until then. */
  readonly live?: boolean;
  /** The argument of `Reports`, which make the rest of the message. */
  readonly last: L | undefined;
}

/**
 * How long the final message may take if stderr is not read, ms: a busy machine may delay a thread's write for long.
 */
export const MESSAGE_WAIT_MS = 500;

export interface WatchedSignals {
  readonly numbers: readonly number[];
  /** Its first element is not 0 when each is handled once (`Machine.handleOnce`): one that has its default action then has come. */
  readonly handled: Int32Array<SharedArrayBuffer>;
}

/** Makes the rest of the message from the data that the thread was given. */
export interface Reports<L> {
  final(of: L): string;
  /** One line. */
  live(of: L): string;
}
