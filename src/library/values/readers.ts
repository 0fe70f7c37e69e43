/** Streams and futures that a program gets from a component, as JavaScript has them. */
import type {
  ByteConsumer,
  ReadableBytes,
  ReadableFuture,
  ReadableValues,
  ValueConsumer,
} from "../../component/streams.ts";
import type { ValType } from "../../component/types/types.ts";
import { Condition } from "../../core/wait/condition.ts";
import type { Store } from "./store.ts";

/** The most bytes of one piece. */
const MOST_BYTES = 65536;
/** The most values that a stream of plain ones takes ahead of its reader, all of one write. */
const AHEAD = 64;

/** Returns a stream of bytes in pieces, else of values one by one. Nothing is taken of the component before somebody reads. */
export function readableOf(
  stream: ReadableBytes & ReadableValues,
  payload: ValType | undefined,
  convert: (value: unknown) => unknown,
  store: Store,
): ReadableStream<unknown> {
  if (payload?.kind === "u8") {
    const reader = new ByteStreamReader(store);
    stream.pipe(reader);
    return reader.readable;
  }
  // What a value owns would be lost with it.
  const plain = payload === undefined || !(payload.info.owns || payload.info.streams);
  const reader = new ValueStreamReader(store, plain ? AHEAD : 1, convert);
  stream.pipe(reader);
  return reader.readable;
}

abstract class StreamReader {
  readonly readable: ReadableStream<unknown>;
  readonly readiness: Condition = Condition.ready();
  protected controller!: ReadableStreamDefaultController<unknown>;
  readonly #store: Store;
  /** Whether somebody reads. */
  protected wanted = false;
  protected cancelled = false;
  #closed: (() => void) | undefined;

  constructor(store: Store) {
    this.#store = store;
    this.readiness.markPending();
    this.readable = new ReadableStream(
      {
        start: (controller) => {
          this.controller = controller;
        },
        pull: () => this.#pull(),
        cancel: () => this.#cancel(),
      },
      { highWaterMark: 0 },
    );
  }

  async #pull(): Promise<void> {
    this.wanted = true;
    this.readiness.markReady();
    try {
      await this.#store.until(() => !this.wanted);
    } catch (error) {
      throw this.#store.told(error);
    }
  }

  #cancel(): void {
    this.cancelled = true;
    this.wanted = false;
    this.readiness.markReady();
    this.#closed?.();
    this.#store.runTasks();
  }

  whenClosed(closed: () => void): void {
    this.#closed = closed;
  }

  /** What was wanted has come. */
  protected satisfied(): void {
    this.wanted = false;
    this.readiness.markPending();
  }

  end(): void {
    if (this.cancelled) return;
    this.satisfied();
    this.controller.close();
  }
}

class ByteStreamReader extends StreamReader implements ByteConsumer {
  consume(bytes: Uint8Array, start: number, end: number): number | "would-block" | "closed" {
    if (this.cancelled) return "closed";
    if (!this.wanted) return "would-block";
    const piece = bytes.slice(start, Math.min(end, start + MOST_BYTES));
    this.satisfied();
    this.controller.enqueue(piece);
    return piece.length;
  }
}

class ValueStreamReader extends StreamReader implements ValueConsumer {
  readonly #ahead: number;
  readonly #convert: (value: unknown) => unknown;

  constructor(store: Store, ahead: number, convert: (value: unknown) => unknown) {
    super(store);
    this.#ahead = ahead;
    this.#convert = convert;
  }

  room(): number | "closed" {
    if (this.cancelled) return "closed";
    return this.wanted ? this.#ahead : 0;
  }

  consume(values: readonly unknown[]): void {
    this.satisfied();
    for (const value of values) this.controller.enqueue(this.#convert(value));
  }
}

/** Read at once: a promise cannot say whether somebody waits for it. */
export function promiseOf(
  future: ReadableFuture,
  convert: (value: unknown) => unknown,
  store: Store,
): Promise<unknown> {
  let settled = false;
  const promise = new Promise((resolve, reject) => {
    future.read(
      (value) => {
        settled = true;
        resolve(convert(value));
      },
      (error) => {
        settled = true;
        reject(error);
      },
    );
    store.until(() => settled).catch(reject);
  });
  // Whoever has no use for it need not say so: what ended the component is told by others, too.
  promise.catch(() => {});
  return promise;
}
