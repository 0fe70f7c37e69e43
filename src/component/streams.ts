/**
 * How a host and a component pass one another streams and futures (component model async, WASI 0.3), and what a host's `async
 * func` answers.
 *
 * - A stream that a guest gets from its host is an object that produces: a `ByteProducer` for `stream<u8>`, else a
 *   `ValueProducer`. One that the host gets is a `ReadableBytes`, to which it connects a `ByteConsumer`, else a `ReadableValues`
 *   for a `ValueConsumer`. None of their methods waits: what cannot be done now is `would-block`, and `readiness` holds when it may
 *   be tried again. There is no buffer between: bytes go from the machine's buffer into the memory that the guest reads into, or
 *   from the memory that it writes from.
 * - A future that a guest gets is a `HostFuture`, which the host resolves when it likes; one that the host gets, a
 *   `ReadableFuture`.
 * - An `async func` returns its result, if it is there at once; a generator that yields the conditions it waits for (`Blocking`,
 *   core/wait/poll.ts), and returns or throws as a function would; or a promise, where guests can be suspended. A generator whose
 *   call the guest cancels is ended by its `return`, at the yield where it is: what it holds it must give back in a `finally`.
 */
import type { Condition } from "../core/wait/condition.ts";
import type { Blocking } from "../core/wait/poll.ts";

/** Who gives a guest the bytes of a `stream<u8>`. */
export interface ByteProducer {
  /** Holds when `produce` may have something to tell. */
  readonly readiness: Condition;
  /** Where `produce` leaves bytes, from its start; the machine's, whose calls overwrite it. */
  readonly buffer: Uint8Array;
  /**
   * Puts 1 to `max` bytes (`max` is above 0, and at most the buffer's size) at the start of `buffer` and returns how many;
   * `closed`: there will be no more, and it is not asked again.
   */
  produce(max: number): number | "would-block" | "closed";
  /**
   * As `produce`, where it can do without the buffer, of whatever size: puts 1 to `end - start` bytes into `bytes`, the reader's
   * memory, from `start`.
   */
  produceInto?(bytes: Uint8Array, start: number, end: number): number | "would-block" | "closed";
  /** The reader has dropped its end before `produce` said `closed`: nobody asks again. */
  drop(): void;
}

/** Who gives a guest the values of another stream, each as its type is on the JavaScript side (host.ts). */
export interface ValueProducer<T = unknown> {
  readonly readiness: Condition;
  /** Returns 1 to `max` values; `closed`, as above. */
  produce(max: number): readonly T[] | "would-block" | "closed";
  drop(): void;
  /** What is thrown in the place of the error that a value which it produced cannot be lowered for. */
  explain?(error: unknown): unknown;
}

/** Who takes the bytes that a guest writes. */
export interface ByteConsumer {
  /** Holds when `consume` may take something, or say that it is over. */
  readonly readiness: Condition;
  /**
   * Takes bytes from `start` to `end` (at least one is there), all or some of them, and returns how many; `closed`: it takes none
   * now and never again, and the writer is told that its reader has dropped its end. The bytes are the guest's again when it returns.
   */
  consume(bytes: Uint8Array, start: number, end: number): number | "would-block" | "closed";
  /** The writer has dropped its end, and all that it wrote has been consumed. Not called after `closed`. */
  end(): void;
  /** Calls `closed` when it takes none any more: for a host's producer, which may have nothing to offer for long. */
  whenClosed?(closed: () => void): void;
}

/** The readable end of a `stream<u8>` that the host was passed. It must be connected, passed on or dropped. */
export interface ReadableBytes {
  /** From now on what is written goes to `consumer`: from where it is to where it goes, if a host's producer writes it. */
  pipe(consumer: ByteConsumer): void;
  drop(): void;
}

/** Who takes the values of another stream that a guest writes. */
export interface ValueConsumer<T = unknown> {
  /** Holds when `room` may not be 0. */
  readonly readiness: Condition;
  /** How many values it takes now; `closed`, as above. Only so many are lifted: what a value owns is the host's from then on. */
  room(): number | "closed";
  consume(values: readonly T[]): void;
  end(): void;
  whenClosed?(closed: () => void): void;
}

/** The same of another stream. */
export interface ReadableValues<T = unknown> {
  pipe(consumer: ValueConsumer<T>): void;
  drop(): void;
}

/** The readable end of a future that the host was passed. */
export interface ReadableFuture<T = unknown> {
  /**
   * Calls `then` with the value, once it is there. `failed`: with the error of a future that the host itself has given and could not
   * resolve, which otherwise ends the guest that passed it on.
   */
  read(then: (value: T) => void, failed?: (error: unknown) => void): void;
  drop(): void;
}

type Settled<T> = { readonly value: T } | { readonly error: unknown };

/** A future that the host gives, and resolves once. */
export class HostFuture<T = unknown> {
  /** Holds when it is resolved. */
  readonly readiness: Condition | undefined;
  #settled: Settled<T> | undefined;
  #reader: { then(value: T): void; failed(error: unknown): void } | undefined;

  /**
   * @param readiness Pending. To be given where it is resolved by work in the background, so that a guest may wait for it while it
   * waits for nothing else
   */
  constructor(readiness?: Condition) {
    this.readiness = readiness;
  }

  static of<T>(value: T): HostFuture<T> {
    const future = new HostFuture<T>();
    future.resolve(value);
    return future;
  }

  /** Whether it is resolved, or never will be. */
  get resolved(): boolean {
    return this.#settled !== undefined;
  }

  /** Later calls change nothing. */
  resolve(value: T): void {
    this.#settle({ value });
  }

  /** There will be no value: that ends a guest that reads it, for a future has no other way to say so. */
  reject(error: unknown): void {
    this.#settle({ error });
  }

  #settle(settled: Settled<T>): void {
    if (this.#settled !== undefined) return;
    this.#settled = settled;
    if (this.#reader !== undefined) this.read(this.#reader.then, this.#reader.failed);
    this.readiness?.markReady();
  }

  /** For the one who reads it: calls one of the two when it is settled, at once if it is. */
  read(then: (value: T) => void, failed: (error: unknown) => void = throwOn): void {
    if (this.#settled === undefined) this.#reader = { then, failed };
    else if ("error" in this.#settled) failed(this.#settled.error);
    else then(this.#settled.value);
  }

  /** The reader is no longer interested. */
  drop(): void {
    this.#reader = undefined;
  }
}

function throwOn(error: unknown): never {
  throw error;
}

/** The answer of a host's function that has no result yet. */
export type Pending = Blocking<unknown> | Promise<unknown>;

export function isPending(value: unknown): value is Pending {
  return value instanceof Promise || (typeof value === "object" && value !== null && isGenerator(value));
}

function isGenerator(value: object): value is Blocking<unknown> {
  return Symbol.iterator in value && "next" in value && typeof value.next === "function" && "throw" in value;
}
