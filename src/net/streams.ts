/** The size of a read of `readable` if its reader brings no buffer, bytes. */
const READ_BYTES = 65536;

/** The parts of `Conn` that its streams use. */
interface ConnLike {
  write(bytes: Uint8Array): Promise<void>;
  closeWrite(): Promise<void>;
  close(): Promise<void>;
}

/** Reads a connection as `Conn.read` does, but can be ended. */
export interface Reading {
  /** Reads. Also returns 0 when `wanted` returns false, which is checked after `wake`. */
  read(buffer: Uint8Array, wanted: () => boolean): Promise<number>;
  wake(): void;
}

/**
 * A connection as web streams. It reads on demand only, and writes one chunk at a time, so that back pressure passes in
 * both directions. Closing `writable` ends the writing. The connection is closed when both streams are over (ended,
 * cancelled or failed), and at once when `writable` is aborted.
 */
export class ConnStreams {
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly writable: WritableStream<Uint8Array>;
  readonly #conn: ConnLike;
  readonly #reading: Reading;
  readonly #over = new Set<"readable" | "writable">();

  constructor(conn: ConnLike, reading: Reading) {
    this.#conn = conn;
    this.#reading = reading;
    this.readable = new ReadableStream({
      type: "bytes",
      autoAllocateChunkSize: READ_BYTES,
      pull: (controller) => this.#endingOnFailure("readable", this.#pull(controller)),
      cancel: () => this.#cancel(),
    });
    this.writable = new WritableStream({
      // `abort` is not called before the waiting write has ended; the signal ends that.
      start: ({ signal }) => signal.addEventListener("abort", () => void conn.close()),
      write: (bytes) => this.#endingOnFailure("writable", conn.write(bytes)),
      close: () => conn.closeWrite().finally(() => this.#end("writable")),
      abort: () => conn.close(),
    });
  }

  async #pull(controller: ReadableByteStreamController): Promise<void> {
    const request = controller.byobRequest;
    const view = request?.view;
    if (!request || !view) throw new Error("a byte stream that pulls without a buffer");
    const buffer = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    const count = await this.#reading.read(buffer, () => !this.#over.has("readable"));
    // It was cancelled meanwhile: there is no request to respond to.
    if (this.#over.has("readable")) return;
    if (count === 0) controller.close();
    request.respond(count);
    if (count === 0) await this.#end("readable");
  }

  /** Ends the waiting read: it takes no bytes, and no longer keeps the program alive. */
  async #cancel(): Promise<void> {
    const ended = this.#end("readable");
    this.#reading.wake();
    await ended;
  }

  async #endingOnFailure(stream: "readable" | "writable", step: Promise<void>): Promise<void> {
    try {
      await step;
    } catch (error) {
      await this.#end(stream);
      throw error;
    }
  }

  async #end(stream: "readable" | "writable"): Promise<void> {
    this.#over.add(stream);
    if (this.#over.size === 2) await this.#conn.close();
  }
}
