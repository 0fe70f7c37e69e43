import { Condition } from "../../wait/condition.ts";
import type { HttpErrorCode } from "../error-code.ts";

const nothing: Uint8Array = new Uint8Array();

/**
 * The body of a `Request`, as it comes: a piece is asked for when somebody reads and has the last one. Whoever sends it is held
 * back by that.
 */
export class RequestBody {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  readonly #buffer: Uint8Array;
  readonly #maxSize: number;
  readonly #tooLong: () => void;
  #piece = nothing;
  #received = 0;
  #asked = false;
  /** The readiness of whoever reads it. */
  #readable: Condition | undefined;
  readonly finished = Condition.ready();
  /** All of it has come, or never will. */
  over = false;
  error: HttpErrorCode | undefined;

  /**
   * @param buffer What `receive` fills
   * @param maxSize bytes @param tooLong Called when it is longer, and over by that
   * @throws TypeError if somebody else reads the stream
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

  /** From now on this is ready when `receive` has something to answer. */
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

  /** Puts up to `max` bytes at the start of the buffer; 0: it is over. */
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
      // Of a stream that has failed the guest learns that: there is no word for why.
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
   * It is over, whatever still comes. The stream is let go and not cancelled: servers take that for the end of the connection, on
   * which the response is still to be sent, and pass over by themselves what nobody reads.
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
