import { Condition } from "../../wait/condition.ts";
import type { HttpErrorCode } from "../error-code.ts";

const nothing: Uint8Array = new Uint8Array();

/**
 * The body of an incoming `Request`. The next piece is requested only when the reader has consumed the last one, which holds the
 * sender back.
 */
export class RequestBody {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  readonly #buffer: Uint8Array;
  readonly #maxSize: number;
  readonly #tooLong: () => void;
  #piece = nothing;
  #received = 0;
  #asked = false;
  /** The readiness of the reader. */
  #readable: Condition | undefined;
  readonly finished = Condition.ready();
  /** Whether all of it has come, or never will. */
  over = false;
  error: HttpErrorCode | undefined;

  /**
   * @param buffer The memory that `receive` fills
   * @param maxSize bytes
   * @param tooLong Called when the body is longer, and over because of that
   * @throws TypeError if the stream has another reader
   */
  constructor(
    stream: ReadableStream<Uint8Array> | null,
    buffer: Uint8Array,
    { maxSize, tooLong }: { readonly maxSize: number; readonly tooLong: () => void },
  ) {
    this.#reader = stream?.getReader();
    this.#buffer = buffer;
    this.#maxSize = maxSize;
    this.#tooLong = tooLong;
    if (stream === null) this.over = true;
    else this.finished.markPending();
  }

  /** Makes the condition hold when `receive` would return something. */
  read(readable: Condition): void {
    this.#readable = readable;
    this.#tell();
  }

  #tell(): void {
    if (this.over || this.#piece.length > 0) {
      this.#readable?.markReady();
      return;
    }
    this.#readable?.markPending();
    if (!this.#asked) void this.#ask();
  }

  /** Puts up to `max` bytes at the start of the buffer. Returns their number; 0 if it is over. */
  receive(max: number): number | "would-block" {
    if (this.over) return 0;
    const count = Math.min(max, this.#piece.length, this.#buffer.length);
    this.#buffer.set(this.#piece.subarray(0, count));
    this.#piece = this.#piece.subarray(count);
    this.#tell();
    return count > 0 ? count : "would-block";
  }

  async #ask(): Promise<void> {
    this.#asked = true;
    let read: Awaited<ReturnType<ReadableStreamDefaultReader<unknown>["read"]>> | undefined;
    try {
      read = await this.#reader?.read();
    } catch {
      // The guest only learns that the stream has failed: there is no error code for the reason.
      this.end({ tag: "HTTP-protocol-error" });
      return;
    }
    this.#asked = false;
    if (this.over) return;
    if (read === undefined || read.done) this.end();
    else if (!(read.value instanceof Uint8Array))
      this.end({ tag: "internal-error", val: "the request's body has a piece that is no Uint8Array" });
    else this.#came(read.value);
  }

  #came(piece: Uint8Array): void {
    this.#received += piece.length;
    if (this.#received > this.#maxSize) {
      this.end({ tag: "HTTP-request-body-size", val: BigInt(this.#received) });
      this.#tooLong();
      return;
    }
    this.#piece = piece;
    this.#tell();
  }

  /**
   * Ends the body, whatever still comes. The stream is released and not cancelled: servers take a cancelled body for the end of the
   * connection, on which the response is still to be sent. They skip unread bytes themselves.
   */
  end(error?: HttpErrorCode): void {
    if (this.over) return;
    this.over = true;
    this.error = error;
    this.#piece = nothing;
    this.#reader?.releaseLock();
    this.#readable?.markReady();
    this.finished.markReady();
  }
}
