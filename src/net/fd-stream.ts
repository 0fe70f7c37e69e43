import type { ByteSink, ByteSource } from "../machine/streams.ts";
import type { Deadline } from "./deadline.ts";
import { NetError } from "./errors.ts";
import { codeOrCount, type Fd } from "./fd.ts";

const always = (): boolean => true;

/**
 * Reads and writes a descriptor's bytes. One reader and one writer may wait at the same time; several readers, or
 * writers, take turns in the order of their calls.
 *
 * Every call but `close` throws ErrNetClosing (for a file ErrFileClosing) after `close`, and ErrDeadlineExceeded after
 * its deadline.
 */
export abstract class FdStream implements AsyncDisposable {
  protected readonly fd: Fd;
  readonly #bytes: ByteSource & ByteSink;
  readonly #buffer: Uint8Array;

  /** @internal @param buffer the machine's, which receiving fills */
  constructor(fd: Fd, bytes: ByteSource & ByteSink, buffer: Uint8Array) {
    this.fd = fd;
    this.#bytes = bytes;
    this.#buffer = buffer;
  }

  /**
   * Waits for bytes and reads what is available into the start of `buffer`. Returns how many, at most 64 KiB; 0 after
   * the other side has ended its writing (and for an empty buffer).
   *
   * @throws SocketError `connection-reset` and the like
   */
  read(buffer: Uint8Array): Promise<number> {
    return this.readWhile(buffer, always);
  }

  /** As `read`, but returns 0 when `wanted` returns false, which is checked at each try. */
  protected readWhile(buffer: Uint8Array, wanted: () => boolean): Promise<number> {
    return this.fd.call("read", this.fd.reading, () => {
      if (buffer.length === 0 || !wanted()) return 0;
      const count = codeOrCount(this.#bytes.receive(Math.min(buffer.length, this.#buffer.length)));
      if (typeof count === "number") buffer.set(this.#buffer.subarray(0, count));
      return count;
    });
  }

  /**
   * Writes all of `bytes`, and waits while the other side does not read. The bytes must not change until it resolves.
   *
   * @throws SocketError `broken-pipe`, `connection-reset` and the like; the error's `written` is how many bytes were
   * taken
   */
  async write(bytes: Uint8Array): Promise<void> {
    let written = 0;
    try {
      await this.fd.call("write", this.fd.writing, () => {
        while (written < bytes.length) {
          const taken = codeOrCount(this.#bytes.send(bytes, written, bytes.length));
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

  /**
   * Ends all calls, including waiting ones. Resolves when the last one has ended and the descriptor is closed.
   * Idempotent.
   */
  close(): Promise<void> {
    return this.fd.close();
  }

  /** As `close`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * Sets both deadlines. They apply to all calls, including waiting ones, until changed; undefined removes them.
   *
   * @throws ErrNetClosing or ErrFileClosing; ErrNoDeadline; RangeError for an invalid time
   */
  setDeadline(deadline: Deadline): void {
    this.fd.setDeadline(deadline, this.fd.reading, this.fd.writing);
  }

  /** Sets the deadline of reads, as `setDeadline`. */
  setReadDeadline(deadline: Deadline): void {
    this.fd.setDeadline(deadline, this.fd.reading);
  }

  /** Sets the deadline of writes, as `setDeadline`. */
  setWriteDeadline(deadline: Deadline): void {
    this.fd.setDeadline(deadline, this.fd.writing);
  }
}
