/**
 * The orders of the thread that ends the process: at a time (-W timeout), beyond so much memory, or when a signal has come whose
 * report is still to be made (--stats).
 */
export interface Watch<L> {
  /** Milliseconds, from the message by which the worker says that it watches; Infinity: there is no such time. */
  readonly timeout: number;
  /** Said on stderr then. */
  readonly text: string;
  /** The exit status then: the one that a shell shows for SIGABRT, which ends the process where it cannot exit by itself. */
  readonly status: number;
  /** The time has also come when the process has grown by so many bytes of resident memory since that message. */
  readonly growth?: number;
  /** Each of them ends the process, once all is said. */
  readonly signals?: WatchedSignals;
  /** It says the text at its time and does no more, unless the first element is not 0 by then: what it is about is over. */
  readonly over?: Int32Array<SharedArrayBuffer>;
  /** Whether a line is said every second until then. */
  readonly live?: boolean;
  /** What `Reports` are made of, at the end and before it. */
  readonly last: L | undefined;
}

/** How long the last words may take, where nobody reads stderr, ms: a busy machine may keep a thread from its write for long. */
export const PATIENCE = 500;

export interface WatchedSignals {
  readonly numbers: readonly number[];
  /** Its first element is not 0 when each is handled once (`Machine.handleOnce`): one that has its default action then has come. */
  readonly handled: Int32Array<SharedArrayBuffer>;
}

/** What is said besides the text, made of what the thread was given. */
export interface Reports<L> {
  final(of: L): string;
  /** One line. */
  live(of: L): string;
}
