import { NEVER } from "../core/wait/deadline.ts";
import type { IoError } from "../machine/files.ts";
import { READABLE, type Source, WRITABLE } from "../machine/selector.ts";
import { type Deadline, fromDeadline } from "./deadline.ts";
import { Direction } from "./direction.ts";
import {
  ErrDeadlineExceeded,
  ErrFileClosing,
  ErrNetClosing,
  ErrNoDeadline,
  type NetError,
  type Operation,
  SocketError,
  type SocketErrorCode,
} from "./errors.ts";
import type { Scheduler } from "./scheduler.ts";

const closingErrors = { net: ErrNetClosing, file: ErrFileClosing };

/** The limits of a call before there is a connection to set a deadline on. */
export interface CallLimits {
  /** ns on the machine's clock. */
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
}

export interface FdOptions {
  /** Selects the error for a closed descriptor. */
  readonly kind: keyof typeof closingErrors;
  /** The name in errors. */
  readonly name: string;
  /** The source that calls wait for. Undefined: it is always ready, and has no deadlines. */
  readonly source: Source | undefined;
  /** Closes the machine's handle. Called once, when no call uses it any more. */
  readonly destroy: () => void;
}

/**
 * The common part of connections, listeners and files: two directions with deadlines, and a close that waits for the
 * calls in progress. So no call can meet a descriptor that is closed, or one that is reused by then.
 */
export class Fd {
  /** The name in errors. */
  name: string;
  readonly reading: Direction;
  readonly writing: Direction;
  readonly #options: FdOptions;
  readonly #scheduler: Scheduler;
  readonly #destroyed = Promise.withResolvers<void>();
  #closed = false;
  /** The number of calls in progress, plus one while it is open. */
  #references = 1;

  constructor(scheduler: Scheduler, options: FdOptions) {
    this.#scheduler = scheduler;
    this.name = options.name;
    this.#options = options;
    this.reading = new Direction(scheduler, options.source, READABLE);
    this.writing = new Direction(scheduler, options.source, WRITABLE);
  }

  /**
   * Makes one call: waits for its turn, tries, and parks on would-block until another try may succeed.
   *
   * @param attempt returns the call's result, or the code that it fails with
   * @throws ErrDeadlineExceeded, ErrNetClosing or ErrFileClosing, SocketError
   */
  async call<T extends Result>(
    operation: Operation,
    direction: Direction,
    attempt: () => T | SocketErrorCode,
  ): Promise<T> {
    if (this.#closed) throw this.#closingError(operation);
    this.#references++;
    const turn = direction.enter();
    if (turn !== undefined) await turn;
    try {
      if (this.#scheduler.overdue()) await this.#scheduler.turn();
      for (;;) {
        if (this.#closed) throw this.#closingError(operation);
        if (direction.expired) throw new ErrDeadlineExceeded(operation, this.name);
        const result = attempt();
        if (result === "would-block") await direction.park();
        else if (typeof result === "string") throw new SocketError(operation, this.name, result);
        else return result;
      }
    } finally {
      direction.leave();
      this.#release();
    }
  }

  /**
   * Makes a call that has its own deadline and signal. An abort closes the descriptor; the signal may already be
   * aborted.
   *
   * @throws also the signal's reason
   */
  async callWithin<T extends Result>(
    { deadline, signal }: CallLimits,
    operation: Operation,
    direction: Direction,
    attempt: () => T | SocketErrorCode,
  ): Promise<T> {
    signal?.throwIfAborted();
    const cancel = (): void => void this.close();
    signal?.addEventListener("abort", cancel);
    direction.deadline = deadline;
    try {
      return await this.call(operation, direction, attempt);
    } finally {
      direction.deadline = NEVER;
      signal?.removeEventListener("abort", cancel);
      signal?.throwIfAborted();
    }
  }

  /**
   * Sets the deadline of some directions.
   *
   * @throws ErrNetClosing or ErrFileClosing, ErrNoDeadline; RangeError for an invalid time
   */
  setDeadline(deadline: Deadline, ...directions: readonly Direction[]): void {
    if (this.#closed) throw this.#closingError("set-deadline");
    const { source } = this.#options;
    if (source === undefined || !source.pollable) throw new ErrNoDeadline(this.name);
    const due = fromDeadline(deadline, this.#scheduler.now());
    for (const direction of directions) direction.deadline = due;
  }

  /**
   * Makes all calls fail, including waiting ones. Resolves when the last one has ended and the handle is closed.
   * Idempotent.
   */
  close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.reading.wake();
      this.writing.wake();
      this.#release();
    }
    return this.#destroyed.promise;
  }

  #release(): void {
    if (--this.#references > 0) return;
    this.#scheduler.netpoll.forget(this.reading, this.writing);
    this.#options.destroy();
    this.#destroyed.resolve();
  }

  #closingError(operation: Operation): NetError {
    return new closingErrors[this.#options.kind](operation, this.name);
  }
}

/** A string is a code, which is thrown. */
type Result = object | number | undefined;

/** Returns the result of a machine's read or write, with a file's failure as its code. */
export function codeOrCount(answer: number | SocketErrorCode | IoError): number | SocketErrorCode {
  return typeof answer === "object" ? answer.code : answer;
}
