/** Bits of an interest and of an event. A hang-up or an error of a source sets every bit that was asked for. */
export const READABLE = 1;
export const WRITABLE = 2;
/** In events only: the connection is over in both directions, or broken. Where a backend cannot tell, it is never set. */
export const HUNG_UP = 4;

/** A watcher of a source. The core makes them. */
export interface Watcher {
  readonly interest: number;
}

/**
 * One thing that a machine can report ready: a file descriptor, or a socket of the runtime.
 *
 * The backend makes it and never touches the fields below `onUnawaited`; the core's registry keeps its books in them, so that a poll
 * over thousands of sources allocates nothing and looks nothing up.
 */
export class Source {
  /** The backend's id of it: for posix the fd, -1 once that is closed. Set by the backend. */
  id: number;
  /** Something else holds it too, perhaps another process: closing it here does not end it. Set by the backend. */
  shared = false;
  /** Called when it was reported and nobody waits for it: for what a backend watches itself. Set by the backend. */
  onUnawaited: (() => void) | undefined = undefined;
  /** The interest the selector holds now; 0: none. */
  registered = 0;
  /** False once the selector has refused it (epoll's EPERM on a regular file): then it is always ready. */
  pollable = true;
  /** The first of its watchers. */
  watchers: Watcher | undefined = undefined;
  /** The events that were reported last, HUNG_UP among them. */
  ready = 0;

  constructor(id: number) {
    this.id = id;
  }
}

/** The one mechanism that waits (epoll, poll(2)). Level-triggered: what stays ready is reported by every select. */
export interface Selector {
  /**
   * Makes `interest` (READABLE | WRITABLE bits; 0 removes) the whole interest in `source`. Returns false when the machine
   * cannot wait for such a source (a regular file), which is then always ready.
   */
  setInterest(source: Source, interest: number): boolean;
  /** Forgets a source that is about to be closed. Must come before its id can be used again. */
  forget(source: Source): void;
  /**
   * What of `interest` holds now in one source, registered or not, and perhaps HUNG_UP; as `select` would report it. It costs
   * and changes nothing of any other.
   */
  look(source: Source, interest: number): number;
  /**
   * Reports all that is ready, waiting at most `timeout` ns for the first event: 0 looks without waiting, Infinity waits for
   * ever. Never returns early without an event, save that a signal may end the wait. Returns how many of `sources` and
   * `events`, which it may replace, it filled.
   */
  select(timeout: number): number;
  /** It must not be asked to wait: `select` takes 0 only. Absent: it can. */
  readonly looksOnly?: true;
  readonly sources: readonly Source[];
  readonly events: Uint8Array;
  close(): void;
}

/**
 * A selector beside a program's own event loop: it never holds the thread (`select` is only ever called with 0), it answers a
 * promise instead.
 */
export interface SuspendingSelector extends Selector {
  /**
   * Resolves, in a later task of the event loop, when `select(0)` may have something to report, when `timeout` ns have passed
   * (never early; Infinity: no limit), or at `wake`. At most one is pending. Keeps the program alive while it is.
   */
  wait(timeout: number): Promise<void>;
  /** Ends the pending wait, if there is one. */
  wake(): void;
}
