import type { TcpHandle } from "../machine/sockets.ts";
import type { Address } from "./address.ts";
import type { Fd } from "./fd.ts";
import { FdStream } from "./fd-stream.ts";
import { ConnStreams } from "./streams.ts";

/** The two ends of a connection. */
export interface Ends {
  readonly local: Address;
  readonly remote: Address;
}

/**
 * A TCP connection, with the semantics of Go's net.Conn. What was written before a `close` still arrives, unless bytes of the
 * peer's were left unread: the kernel answers those with a reset, which drops what has not left yet, as in Go. Who wants to be
 * sure calls `closeWrite` and reads to the end first.
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

  /** Ends the writing, after the writes that were called before: the other side reads its end. Reading goes on (half-close). */
  closeWrite(): Promise<void> {
    return this.fd.call("close-write", this.fd.writing, () => this.#handle.shutdown("send"));
  }

  /** The connection as web streams, with backpressure. Made when first asked for, and always the same. */
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
