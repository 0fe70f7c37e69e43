/**
 * How a host and a component pass each other streams and futures (component model async, WASI 0.3), and what a host's `async func`
 * returns.
 *
 * - A stream that a guest gets from its host is a producer: a `ByteProducer` for `stream<u8>`, otherwise a `ValueProducer`. One
 *   that the host gets is a `ReadableBytes`, to which it connects a `ByteConsumer`, otherwise a `ReadableValues` for a
 *   `ValueConsumer`. None of their methods waits: they return `would-block`, and `readiness` holds when they may be tried again.
 *   There is no buffer between: bytes go from the machine's buffer directly into the guest's memory, or from there to the consumer.
 * - A future that a guest gets is a `HostFuture`, which the host resolves at any time. One that the host gets is a
 *   `ReadableFuture`.
 * - An `async func` returns its result, if it is there at once; a generator that yields the conditions that it waits for
 *   (`Blocking`, core/wait/poll.ts), and returns or throws as a function would; or a promise, where guests can be suspended. If the
 *   guest cancels the call, the generator's `return` ends it at its current yield: it must release its resources in a `finally`.
 */
import type { Condition } from "../core/wait/condition.ts";
import type { Blocking } from "../core/wait/poll.ts";

/** Produces the bytes of a `stream<u8>` for a guest. */
export interface ByteProducer {
  /** Holds when `produce` may return something other than `would-block`. */
  readonly readiness: Condition;
  /** The buffer that `produce` fills, from its start. It is the machine's, whose calls overwrite it. */
  readonly buffer: Uint8Array;
  /**
   * Puts bytes at the start of `buffer`. Returns their number; `closed` if no more will come: it is not called again then.
   *
   * @param max The most bytes, above 0 and at most the buffer's size
   */
  produce(max: number): number | "would-block" | "closed";
  /**
   * As `produce`, without the buffer and its size limit: puts 1 to `end - start` bytes into `bytes`, the reader's memory, from
   * `start`.
   */
  produceInto?(bytes: Uint8Array, start: number, end: number): number | "would-block" | "closed";
  /** Called when the reader has dropped its end before `produce` returned `closed`. No other call follows. */
  drop(): void;
}

/** Produces the values of another stream for a guest, each in the form of its type in JavaScript (host.ts). */
export interface ValueProducer<T = unknown> {
  readonly readiness: Condition;
  /** Returns 1 to `max` values; `closed` as in `ByteProducer`. */
  produce(max: number): readonly T[] | "would-block" | "closed";
  drop(): void;
  /** Returns the error to throw in place of the given one, if a value that it produced cannot be lowered. */
  explain?(error: unknown): unknown;
}

/** Consumes the bytes that a guest writes. */
export interface ByteConsumer {
  /** Holds when `consume` may take bytes, or return `closed`. */
  readonly readiness: Condition;
  /**
   * Takes all or some of the bytes from `start` to `end`, at least one of which is there. Returns the number taken; `closed` if it
   * takes none now or later: the writer is told that its reader has dropped its end. The bytes belong to the guest again when it
   * returns.
   */
  consume(bytes: Uint8Array, start: number, end: number): number | "would-block" | "closed";
  /** Called when the writer has dropped its end, and all that it wrote has been consumed. Not called after `closed`. */
  end(): void;
  /** Registers a function to call when no more bytes are taken, for a host's producer that may have nothing to offer for long. */
  whenClosed?(closed: () => void): void;
}

/** The readable end of a `stream<u8>` that the host was passed. It must be connected, passed on or dropped. */
export interface ReadableBytes {
  /** Sends all that is written to `consumer` from now on. If a host's producer writes it, the bytes do not pass through a guest. */
  pipe(consumer: ByteConsumer): void;
  drop(): void;
}

/** Consumes the values of another stream that a guest writes. */
export interface ValueConsumer<T = unknown> {
  /** Holds when `room` may return something other than 0. */
  readonly readiness: Condition;
  /**
   * Returns the number of values that it can take now; `closed` as in `ByteConsumer`. Only so many are lifted: lifted values that
   * own resources belong to the host.
   */
  room(): number | "closed";
  consume(values: readonly T[]): void;
  end(): void;
  whenClosed?(closed: () => void): void;
}

/** The readable end of another stream that the host was passed, as `ReadableBytes`. */
export interface ReadableValues<T = unknown> {
  pipe(consumer: ValueConsumer<T>): void;
  drop(): void;
}

/** The readable end of a future that the host was passed. */
export interface ReadableFuture<T = unknown> {
  /**
   * Calls `then` with the value, once it is there.
   *
   * @param failed Called with the error of a future that the host gave and could not resolve. Without it, that error ends the guest
   * that passed the future on
   */
  read(then: (value: T) => void, failed?: (error: unknown) => void): void;
  drop(): void;
}

type Settled<T> = { readonly value: T } | { readonly error: unknown };

/** A future that the host gives, and resolves once. */
export class HostFuture<T = unknown> {
  /** Holds once it is resolved. */
  readonly readiness: Condition | undefined;
  #settled: Settled<T> | undefined;
  #reader: { then(value: T): void; failed(error: unknown): void } | undefined;

  /** @param readiness A pending condition. To be given if background work resolves it, so that a guest may wait for nothing else */
  constructor(readiness?: Condition) {
    this.readiness = readiness;
  }

  static of<T>(value: T): HostFuture<T> {
    const future = new HostFuture<T>();
    future.resolve(value);
    return future;
  }

  /** Whether it is resolved or rejected. */
  get resolved(): boolean {
    return this.#settled !== undefined;
  }

  /** Resolves it, unless it is settled already. */
  resolve(value: T): void {
    this.#settle({ value });
  }

  /** Rejects it: no value will come. That ends a guest that reads it, as futures have no error of their own. */
  reject(error: unknown): void {
    this.#settle({ error });
  }

  #settle(settled: Settled<T>): void {
    if (this.#settled !== undefined) return;
    this.#settled = settled;
    if (this.#reader !== undefined) this.read(this.#reader.then, this.#reader.failed);
    this.readiness?.markReady();
  }

  /** Calls one of the two when it settles, at once if it has. For the reader. */
  read(then: (value: T) => void, failed: (error: unknown) => void = throwOn): void {
    if (this.#settled === undefined) this.#reader = { then, failed };
    else if ("error" in this.#settled) failed(this.#settled.error);
    else then(this.#settled.value);
  }

  /** Drops the reader. */
  drop(): void {
    this.#reader = undefined;
  }
}

function throwOn(error: unknown): never {
  throw error;
}

/** The return value of a host's function that has no result yet. */
export type Pending = Blocking<unknown> | Promise<unknown>;

export function isPending(value: unknown): value is Pending {
  return value instanceof Promise || (typeof value === "object" && value !== null && isGenerator(value));
}

function isGenerator(value: object): value is Blocking<unknown> {
  return Symbol.iterator in value && "next" in value && typeof value.next === "function" && "throw" in value;
}
