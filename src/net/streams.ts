import type { Conn } from "./conn.ts";

/** What `readable` asks the connection for at a time where its reader brings no buffer, bytes. */
const CHUNK = 65536;

/**
 * A connection as web streams. Nothing is read before it is asked for, and one chunk at a time is written: a slow reader on
 * either side is felt by the other. Closing `writable` ends the writing. The connection is closed when both streams are over
 * (at their end, cancelled, failed), and at once when `writable` is aborted.
 */
export class ConnStreams {
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly writable: WritableStream<Uint8Array>;
  readonly #conn: Conn;
  #open = 2;

  constructor(conn: Conn) {
    this.#conn = conn;
    this.readable = new ReadableStream({
      type: "bytes",
      autoAllocateChunkSize: CHUNK,
      pull: (controller) => this.#endingOnFailure(this.#pull(controller)),
      cancel: () => this.#end(),
    });
    this.writable = new WritableStream({
      // `abort` is not called before the write that waits has ended: the signal is what ends it.
      start: ({ signal }) => signal.addEventListener("abort", () => void conn.close()),
      write: (bytes) => this.#endingOnFailure(conn.write(bytes)),
      close: () => conn.closeWrite().finally(() => this.#end()),
      abort: () => conn.close(),
    });
  }

  async #pull(controller: ReadableByteStreamController): Promise<void> {
    const request = controller.byobRequest;
    const view = request?.view;
    if (!request || !view) throw new Error("a byte stream that pulls without a buffer");
    const count = await this.#conn.read(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
    if (count === 0) controller.close();
    request.respond(count);
    if (count === 0) await this.#end();
  }

  async #endingOnFailure(step: Promise<void>): Promise<void> {
    try {
      await step;
    } catch (error) {
      await this.#end();
      throw error;
    }
  }

  async #end(): Promise<void> {
    if (--this.#open === 0) await this.#conn.close();
  }
}
