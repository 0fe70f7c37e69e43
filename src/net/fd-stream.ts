import type { ByteSink, ByteSource } from "../machine/streams.ts";
import type { Deadline } from "./deadline.ts";
import { NetError } from "./errors.ts";
import { codeOrCount, type Fd } from "./fd.ts";

const always = (): boolean => true;

/**
 * Bytes in and out of a descriptor. A reader and a writer may wait at once; several readers, or writers, take turns in the
 * order of their calls.
 *
 * Every call but `close` throws ErrNetClosing (a file: ErrFileClosing) once it was closed on this side, and ErrDeadlineExceeded
 * once its deadline has passed.
 */
export abstract class FdStream implements AsyncDisposable {
  protected readonly fd: Fd;
  readonly #bytes: ByteSource & ByteSink;
  readonly #buffer: Uint8Array;

  /** @param buffer the machine's, which receiving fills */
  constructor(fd: Fd, bytes: ByteSource & ByteSink, buffer: Uint8Array) {
    this.fd = fd;
    this.#bytes = bytes;
    this.#buffer = buffer;
  }

  /**
   * Waits for bytes and puts what is there into `buffer`, from its start. Returns how many, at most 64 KiB; 0 once the other
   * side has ended its writing (and for an empty buffer).
   *
   * @throws SocketError `connection-reset` and the like
   */
  read(buffer: Uint8Array): Promise<number> {
    return this.readWhile(buffer, always);
  }

  /** The same, and 0 where it is `wanted` no more: asked at each try. */
  protected readWhile(buffer: Uint8Array, wanted: () => boolean): Promise<number> {
    return this.fd.call("read", this.fd.reading, () => {
      if (buffer.length === 0 || !wanted()) return 0;
      const count = codeOrCount(this.#bytes.receive(Math.min(buffer.length, this.#buffer.length)));
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

  /** Ends all calls, those that wait too. Resolves when the last one is out and the descriptor closed. Idempotent. */
  close(): Promise<void> {
    return this.fd.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * Both deadlines. They hold for all calls, those that wait too, until they are moved: undefined takes them away.
   *
   * @throws ErrNetClosing or ErrFileClosing; ErrNoDeadline; RangeError if it is no point in time
   */
  setDeadline(deadline: Deadline): void {
    this.fd.setDeadline(deadline, this.fd.reading, this.fd.writing);
  }

  setReadDeadline(deadline: Deadline): void {
    this.fd.setDeadline(deadline, this.fd.reading);
  }

  setWriteDeadline(deadline: Deadline): void {
    this.fd.setDeadline(deadline, this.fd.writing);
  }
}
