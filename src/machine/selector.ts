/** The bits of interests and events. A hang-up or error of a source sets every bit of its interest. */
export const READABLE = 1;
export const WRITABLE = 2;
/** In events only: the connection is over in both directions, or broken. Never set by a backend that cannot tell. */
export const HUNG_UP = 4;

/** A watcher of a source, made by the core. */
export interface Watcher {
  readonly interest: number;
}

/**
 * A source of readiness: a file descriptor, or a socket of the runtime.
 *
 * The backend makes it and never touches the fields below `onUnawaited`. The core's registry keeps its state in them,
 * so that a poll over thousands of sources needs no allocation and no look-up.
 */
export class Source {
  /** The backend's id: for posix the fd, -1 once that is closed. Set by the backend. */
  id: number;
  /**
   * Whether another holder exists, possibly another process: closing the source here does not end it. Set by the
   * backend.
   */
  shared = false;
  /**
   * Called when it was reported and nothing waits for it: for sources that a backend watches itself. Set by the
   * backend.
   */
  onUnawaited: (() => void) | undefined = undefined;
  /** The interest that the selector holds now; 0: none. */
  registered = 0;
  /** False once the selector has refused it (epoll's EPERM for a regular file): then it is always ready. */
  pollable = true;
  /** The first of its watchers. */
  watchers: Watcher | undefined = undefined;
  /** The events that were last reported, including HUNG_UP. */
  ready = 0;

  constructor(id: number) {
    this.id = id;
  }
}

/** The mechanism that waits (epoll, poll(2)). Level-triggered: every select reports all sources that are ready. */
export interface Selector {
  /**
   * Sets the whole interest in `source` to `interest` (READABLE | WRITABLE bits; 0 removes it). Returns false if the
   * machine cannot wait for such a source (a regular file), which is then always ready.
   */
  setInterest(source: Source, interest: number): boolean;
  /** Forgets a source that is about to be closed. Call it before the source's id can be reused. */
  forget(source: Source): void;
  /**
   * Returns the events of one source now, registered or not: those of `interest`, and possibly HUNG_UP, as `select`
   * would report them. It does not affect other sources.
   */
  look(source: Source, interest: number): number;
  /**
   * Reports all sources that are ready. Waits at most `timeout` ns for the first: 0 does not wait, Infinity waits for
   * ever. It never returns early without an event, except that a signal may end the wait. Returns how many entries of
   * `sources` and `events` it filled; it may replace both arrays.
   */
  select(timeout: number): number;
  /** True if `select` may only be called with 0. */
  readonly neverWaits?: true;
  readonly sources: readonly Source[];
  readonly events: Uint8Array;
  close(): void;
}

/**
 * A selector in a program with an event loop. It never blocks the thread (`select` is only called with 0) but returns a
 * promise.
 */
export interface SuspendingSelector extends Selector {
  /**
   * Resolves in a later task of the event loop: when `select(0)` may have something to report, when `timeout` ns have
   * passed (never early; Infinity: no limit), or at `wake`. At most one wait is pending. It keeps the program alive.
   */
  wait(timeout: number): Promise<void>;
  /** Ends the pending wait, if there is one. */
  wake(): void;
}
