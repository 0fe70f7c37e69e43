import type { TcpHandle } from "../machine/sockets.ts";
import type { Address } from "./address.ts";
import type { Fd } from "./fd.ts";
import { FdStream } from "./fd-stream.ts";
import { ConnStreams } from "./streams.ts";

/** The addresses of a connection's two ends. */
export interface Ends {
  readonly local: Address;
  readonly remote: Address;
}

/**
 * A TCP connection, with the semantics of Go's net.Conn. Data written before a `close` still arrives, unless received
 * bytes were left unread: then the kernel sends a reset, which drops unsent data, as in Go. To be sure, call
 * `closeWrite` and read to the end first.
 */
export class Conn extends FdStream {
  /** This end. */
  readonly localAddress: Address;
  /** The other end. */
  readonly remoteAddress: Address;
  readonly #handle: TcpHandle;
  #streams: ConnStreams | undefined;

  /** @internal For `dial` and `Listener` */
  constructor(fd: Fd, handle: TcpHandle, buffer: Uint8Array, ends: Ends) {
    super(fd, handle, buffer);
    this.#handle = handle;
    this.localAddress = ends.local;
    this.remoteAddress = ends.remote;
  }

  /**
   * Ends writing, after the writes that were called before: the other side reads the end. Reading can continue
   * (half-close).
   */
  closeWrite(): Promise<void> {
    return this.fd.call("close-write", this.fd.writing, () => this.#handle.shutdown("send"));
  }

  /** The connection as web streams, with backpressure. Made at the first access, and then always the same. */
  get readable(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return this.#asStreams().readable;
  }

  /** The same for writing: closing it ends the writing, and the connection closes when both streams are over. */
  get writable(): WritableStream<Uint8Array> {
    return this.#asStreams().writable;
  }

  #asStreams(): ConnStreams {
    this.#streams ??= new ConnStreams(this, {
      read: (buffer, wanted) => this.readWhile(buffer, wanted),
      wake: () => this.fd.reading.wake(),
    });
    return this.#streams;
  }
}
