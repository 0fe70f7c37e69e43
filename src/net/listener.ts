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
  /** With the port that the system chose, where 0 was asked for. */
  readonly localAddress: Address;
  readonly #scheduler: Scheduler;
  readonly #fd: Fd;
  readonly #handle: TcpHandle;

  /** For `listen`. */
  constructor(scheduler: Scheduler, fd: Fd, handle: TcpHandle, localAddress: Address) {
    this.#scheduler = scheduler;
    this.#fd = fd;
    this.#handle = handle;
    this.localAddress = localAddress;
  }

  /**
   * Waits for the next connection. Several calls get theirs in their order.
   *
   * @throws ErrNetClosing, ErrDeadlineExceeded; SocketError `new-socket-limit` where the process has no descriptor left
   */
  accept(): Promise<Conn> {
    return this.#fd.call("accept", this.#fd.reading, () => {
      for (;;) {
        const handle = this.#handle.accept();
        // It died while it waited in the queue: not the listener's trouble.
        if (handle === "connection-aborted") continue;
        if (typeof handle === "string") return handle;
        const conn = connOf(this.#scheduler, handle);
        if (typeof conn !== "string") return conn;
        handle.close();
      }
    });
  }

  /** The connections, until the listener is closed. Leaving the loop leaves it open. */
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
   * Ends the listening. Waiting accepts throw ErrNetClosing; connections that nobody has accepted are reset, those that were
   * stay. Resolves when the socket is closed. Idempotent.
   */
  close(): Promise<void> {
    return this.#fd.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The deadline of accepts, those that wait too: see `Conn.setDeadline`. */
  setDeadline(deadline: Deadline): void {
    this.#fd.setDeadline(deadline, this.#fd.reading);
  }
}
