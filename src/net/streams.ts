/** The size of a read of `readable` whose reader brings no buffer, bytes. */
const CHUNK = 65536;

/** `Conn` as its streams see it. */
interface ConnLike {
  write(bytes: Uint8Array): Promise<void>;
  closeWrite(): Promise<void>;
  close(): Promise<void>;
}

/** A connection's reading, as `Conn.read`, with an end of its own. */
export interface Reading {
  /** Returns 0, too, where `wanted` says no more: it is asked when `wake` is called. */
  read(buffer: Uint8Array, wanted: () => boolean): Promise<number>;
  wake(): void;
}

/**
 * A connection as web streams. Nothing is read before it is asked for, and one chunk at a time is written: a slow reader on
 * either side is felt by the other. Closing `writable` ends the writing. The connection is closed when both streams are over
 * (at their end, cancelled, failed), and at once when `writable` is aborted.
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
      autoAllocateChunkSize: CHUNK,
      pull: (controller) => this.#endingOnFailure("readable", this.#pull(controller)),
      cancel: () => this.#cancel(),
    });
    this.writable = new WritableStream({
      // `abort` is not called before the write that waits has ended: the signal is what ends it.
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
    // Cancelled meanwhile: there is nobody to answer to.
    if (this.#over.has("readable")) return;
    if (count === 0) controller.close();
    request.respond(count);
    if (count === 0) await this.#end("readable");
  }

  /** The read that waits takes nothing any more, and keeps no program alive. */
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
