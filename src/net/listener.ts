import type { TcpHandle } from "../machine/sockets.ts";
import type { Address } from "./address.ts";
import type { Conn } from "./conn.ts";
import type { Deadline } from "./deadline.ts";
import { ErrNetClosing } from "./errors.ts";
import type { Fd } from "./fd.ts";
import type { Scheduler } from "./scheduler.ts";
import { connOf } from "./socket.ts";

/** A listening TCP socket, with the semantics of Go's net.TCPListener. */
export class Listener implements AsyncDisposable, AsyncIterable<Conn> {
  /** The local address, with the port that the system chose if 0 was asked for. */
  readonly localAddress: Address;
  readonly #scheduler: Scheduler;
  readonly #fd: Fd;
  readonly #handle: TcpHandle;

  /** @internal For `listen` */
  constructor(scheduler: Scheduler, fd: Fd, handle: TcpHandle, localAddress: Address) {
    this.#scheduler = scheduler;
    this.#fd = fd;
    this.#handle = handle;
    this.localAddress = localAddress;
  }

  /**
   * Waits for the next connection. Several calls are served in order.
   *
   * @throws ErrNetClosing, ErrDeadlineExceeded; SocketError `new-socket-limit` if the process has no descriptor left
   */
  accept(): Promise<Conn> {
    return this.#fd.call("accept", this.#fd.reading, () => {
      for (;;) {
        const handle = this.#handle.accept();
        // It failed while it waited in the queue, which does not concern the listener.
        if (handle === "connection-aborted") continue;
        if (typeof handle === "string") return handle;
        const conn = connOf(this.#scheduler, handle);
        if (typeof conn !== "string") return conn;
        handle.close();
      }
    });
  }

  /** Yields connections until the listener is closed. Leaving the loop does not close the listener. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Conn, void, void> {
    for (;;) {
      try {
        yield await this.accept();
      } catch (error) {
        if (error instanceof ErrNetClosing) return;
        throw error;
      }
    }
  }

  /**
   * Stops listening. Waiting accepts throw ErrNetClosing; connections that were not accepted are reset, accepted ones
   * stay open. Resolves when the socket is closed. Idempotent.
   */
  close(): Promise<void> {
    return this.#fd.close();
  }

  /** As `close`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Sets the deadline of accepts, including waiting ones: see `Conn.setDeadline`. @param deadline Undefined: none */
  setDeadline(deadline: Deadline): void {
    this.#fd.setDeadline(deadline, this.#fd.reading);
  }
}
