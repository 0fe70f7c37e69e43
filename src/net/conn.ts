import type { TcpHandle } from "../adapters/contract.ts";
import type { Address } from "./address.ts";
import type { Deadline } from "./deadline.ts";
import { NetError } from "./errors.ts";
import { codeOrCount, type Fd } from "./fd.ts";
import type { Scheduler } from "./scheduler.ts";
import { ConnStreams } from "./streams.ts";

/**
 * A TCP connection, with the semantics of Go's net.Conn. A reader and a writer may wait at once; several readers, or writers,
 * take turns in the order of their calls.
 *
 * Every call but `close` throws ErrNetClosing once the connection was closed on this side, and ErrDeadlineExceeded once its
 * deadline has passed.
 */
export class Conn implements AsyncDisposable {
  readonly localAddress: Address;
  readonly remoteAddress: Address;
  readonly #fd: Fd;
  readonly #handle: TcpHandle;
  readonly #buffer: Uint8Array;
  #streams: ConnStreams | undefined;

  /** For `dial` and `Listener`. */
  constructor(scheduler: Scheduler, fd: Fd, handle: TcpHandle, ends: Ends) {
    this.#fd = fd;
    this.#handle = handle;
    this.#buffer = scheduler.netpoll.machine.buffer;
    this.localAddress = ends.local;
    this.remoteAddress = ends.remote;
  }

  /**
   * Waits for bytes and puts what is there into `buffer`, from its start. Answers how many, at most 64 KiB; 0 once the other
   * side has ended its writing (and for an empty buffer).
   *
   * @throws SocketError `connection-reset` and the like
   */
  read(buffer: Uint8Array): Promise<number> {
    return this.#fd.call("read", this.#fd.reading, () => {
      if (buffer.length === 0) return 0;
      const count = codeOrCount(this.#handle.receive(Math.min(buffer.length, this.#buffer.length)));
      if (typeof count === "number") buffer.set(this.#buffer.subarray(0, count));
      return count;
    });
  }

  /**
   * Hands over all of `bytes`, waiting while the other side does not read. They must stay as they are until it answers.
   *
   * @throws SocketError `broken-pipe`, `connection-reset` and the like; the error's `written` says how many bytes had been taken
   */
  async write(bytes: Uint8Array): Promise<void> {
    let written = 0;
    try {
      await this.#fd.call("write", this.#fd.writing, () => {
        while (written < bytes.length) {
          const taken = codeOrCount(this.#handle.send(written === 0 ? bytes : bytes.subarray(written)));
          if (typeof taken === "string") return taken;
          written += taken;
        }
        return undefined;
      });
    } catch (error) {
      if (error instanceof NetError) error.written = written;
      throw error;
    }
  }

  /** Ends the writing, after the writes that were called before: the other side reads its end. Reading goes on (half-close). */
  closeWrite(): Promise<void> {
    return this.#fd.call("close-write", this.#fd.writing, () => this.#handle.shutdown("send"));
  }

  /**
   * Closes both ways. Waiting calls, and later ones, throw ErrNetClosing. What was written still arrives. Answers when the
   * socket is closed. Idempotent.
   */
  close(): Promise<void> {
    return this.#fd.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * Both deadlines. They hold for all calls, those that wait too, until they are moved: undefined takes them away.
   *
   * @throws ErrNetClosing; RangeError if it is no point in time
   */
  setDeadline(deadline: Deadline): void {
    this.#fd.setDeadline(deadline, this.#fd.reading, this.#fd.writing);
  }

  setReadDeadline(deadline: Deadline): void {
    this.#fd.setDeadline(deadline, this.#fd.reading);
  }

  setWriteDeadline(deadline: Deadline): void {
    this.#fd.setDeadline(deadline, this.#fd.writing);
  }

  /** The connection as web streams: see `ConnStreams`. Made when first asked for, and always the same. */
  get readable(): ReadableStream<Uint8Array<ArrayBuffer>> {
    this.#streams ??= new ConnStreams(this);
    return this.#streams.readable;
  }

  get writable(): WritableStream<Uint8Array> {
    this.#streams ??= new ConnStreams(this);
    return this.#streams.writable;
  }
}

export interface Ends {
  readonly local: Address;
  readonly remote: Address;
}
