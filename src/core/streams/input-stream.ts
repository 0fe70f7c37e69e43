import { READABLE } from "../../machine/selector.ts";
import type { ByteSource } from "../../machine/streams.ts";
import { Condition } from "../wait/condition.ts";
import { Trap } from "../wait/errors.ts";
import type { Blocking } from "../wait/poll.ts";
import type { Waiting } from "../wait/waiting.ts";
import { OperationError, type StreamError } from "./stream-error.ts";

/** The most bytes that one read returns (wasmtime's MAX_READ_SIZE_ALLOC). */
export const MAX_READ = 65536;

/** The number of attempts of a blocking call on a stream that was ready and then had nothing. */
export const MAX_BLOCKING_ATTEMPTS = 11;

/** A source of bytes. One of the host program has a readiness of its own. */
export type Bytes = ByteSource & { readonly readiness?: Condition };

/** Returns the condition that holds when there are bytes to receive, or their end. */
export function readinessOf({ source, readiness }: Bytes): Condition {
  return readiness ?? (source === undefined ? Condition.ready() : Condition.source(source, READABLE));
}

/**
 * The result of a read of 0 bytes: `closed` once the stream is closed (a socket); success even then (stdin); or the source's
 * answer, which may be an error (a file that cannot be read).
 */
export type EmptyRead = "closed-when-closed" | "never-fails" | "asks";

/**
 * The rules of `wasi:io/streams.input-stream`, over any source of bytes. It is open, or closed: by the end of the data, by an error
 * (reported once), or by its socket (shutdown).
 *
 * Reads return the number of bytes at the start of `Machine.buffer`, which are valid until the next call of the machine; 0 if there
 * are none yet.
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

  /** Ends the stream at once. Bytes that were received and not read are lost (shutdown(receive)). */
  close(): void {
    this.#closed = true;
    this.readiness.markReady();
  }

  /** Releases what the stream holds. Called when the guest drops it. */
  dispose(): Waiting<void> {}
}

/** Returns a stream that has ended: stdin when it is not inherited. */
export function closedInputStream(): InputStream {
  const stream = new InputStream({ source: undefined, receive: () => 0 });
  stream.close();
  return stream;
}
