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

/** The limits of a call that is made before there is a connection to set a deadline on. */
export interface CallLimits {
  /** ns on the machine's clock. */
  readonly deadline: number;
  readonly signal: AbortSignal | undefined;
}

export interface FdOptions {
  /** Which of the closing errors is its own. */
  readonly kind: keyof typeof closingErrors;
  /** As errors name it. */
  readonly name: string;
  /** The source that calls wait for. Undefined: it is always ready, and no deadline is possible. */
  readonly source: Source | undefined;
  /** Closes the machine's handle. Called once, when no call uses it any more. */
  readonly destroy: () => void;
}

/**
 * What connections, listeners and files share: two directions with deadlines, and a close that is counted against the calls in
 * flight, so that none of them meets a descriptor that is closed or, worse, somebody else's by then.
 */
export class Fd {
  /** As errors name it. */
  name: string;
  readonly reading: Direction;
  readonly writing: Direction;
  readonly #options: FdOptions;
  readonly #scheduler: Scheduler;
  readonly #destroyed = Promise.withResolvers<void>();
  #closed = false;
  /** The calls in flight, and one for being open. */
  #references = 1;

  constructor(scheduler: Scheduler, options: FdOptions) {
    this.#scheduler = scheduler;
    this.name = options.name;
    this.#options = options;
    this.reading = new Direction(scheduler, options.source, READABLE);
    this.writing = new Direction(scheduler, options.source, WRITABLE);
  }

  /**
   * One call: takes its turn, tries, and on would-block parks until trying again may be worth it.
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
   * A call that a deadline of its own or a signal ends, which may have been aborted since its owner looked: that closes the
   * descriptor, once the call is under way.
   *
   * @throws the signal's reason too
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

  /** @throws ErrNetClosing or ErrFileClosing, ErrNoDeadline; RangeError if it is no point in time */
  setDeadline(deadline: Deadline, ...directions: readonly Direction[]): void {
    if (this.#closed) throw this.#closingError("set-deadline");
    const { source } = this.#options;
    if (source === undefined || !source.pollable) throw new ErrNoDeadline(this.name);
    const due = fromDeadline(deadline, this.#scheduler.now());
    for (const direction of directions) direction.deadline = due;
  }

  /** Calls fail from now on, those that wait too. Resolves when the last one is out and the handle closed. Idempotent. */
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

/** Strings are codes, which are thrown. */
type Result = object | number | undefined;

/** The result of a machine's read or write, with a file's failure as its code. */
export function codeOrCount(answer: number | SocketErrorCode | IoError): number | SocketErrorCode {
  return typeof answer === "object" ? answer.code : answer;
}
