import { READABLE } from "../../machine/selector.ts";
import type { ByteSource } from "../../machine/streams.ts";
import { Condition } from "../wait/condition.ts";
import { Trap } from "../wait/errors.ts";
import type { Blocking } from "../wait/poll.ts";
import type { Waiting } from "../wait/waiting.ts";
import { OperationError, type StreamError } from "./stream-error.ts";

/** The most that one read answers, bytes (wasmtime's MAX_READ_SIZE_ALLOC). */
export const MAX_READ = 65536;

/** How often a blocking call looks again at a stream that was ready and then had nothing. */
export const MAX_BLOCKING_ATTEMPTS = 11;

/** Bytes that may come from the host program, which then says itself when there are some. */
export type Bytes = ByteSource & { readonly readiness?: Condition };

/** Ready when there are bytes to receive, or their end. */
export function readinessOf({ source, readiness }: Bytes): Condition {
  return readiness ?? (source === undefined ? Condition.ready() : Condition.source(source, READABLE));
}

/**
 * How a read of 0 bytes ends: in `closed` once the stream is (a socket); well even then (stdin); as the source says, which may be
 * that nothing can be read (a file).
 */
export type EmptyRead = "closed-when-closed" | "never-fails" | "asks";

/**
 * The rules of `wasi:io/streams.input-stream`, over any source of bytes. Open, or closed: by the end of the data, by an error
 * (reported once), or by its socket (shutdown).
 *
 * Reads return how many bytes lie at the start of `Machine.buffer`, valid until the machine is called again; 0: nothing yet.
 */
export class InputStream {
  readonly readiness: Condition;
  readonly #bytes: Bytes;
  readonly #emptyRead: EmptyRead;
  #closed = false;

  constructor(bytes: Bytes, emptyRead: EmptyRead = "closed-when-closed") {
    this.#bytes = bytes;
    this.#emptyRead = emptyRead;
    this.readiness = readinessOf(bytes);
  }

  /** @param max bytes, any u64 as a number */
  read(max: number): number | StreamError {
    if (this.#closed) return max === 0 && this.#emptyRead === "never-fails" ? 0 : "closed";
    if (max === 0 && this.#emptyRead !== "asks") return 0;
    const received = this.#bytes.receive(Math.min(max, MAX_READ));
    if (typeof received === "number") {
      if (received > 0 || max === 0) return received;
      this.close();
      return "closed";
    }
    if (received === "would-block") return 0;
    this.close();
    return new OperationError(received);
  }

  /** Waits for the first byte, the end or an error. */
  *blockingRead(max: number): Blocking<number | StreamError> {
    if (max === 0) {
      yield this.readiness;
      return this.read(0);
    }
    for (let attempt = 0; attempt < MAX_BLOCKING_ATTEMPTS; attempt++) {
      const result = this.read(max);
      if (result !== 0) return result;
      yield this.readiness;
    }
    throw new Trap("max blocking attempts exceeded");
  }

  /** Ends the stream at once: what the machine has received and the guest has not read is gone (shutdown(receive)). */
  close(): void {
    this.#closed = true;
    this.readiness.markReady();
  }

  /** Lets go of what the stream holds; the guest has dropped it. */
  dispose(): Waiting<void> {}
}

/** A source that has ended before it began: stdin when it is not inherited. */
export function closedInputStream(): InputStream {
  const stream = new InputStream({ source: undefined, receive: () => 0 });
  stream.close();
  return stream;
}
