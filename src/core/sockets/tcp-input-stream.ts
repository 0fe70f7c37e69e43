import type { ByteSource } from "../../machine/streams.ts";
import { InputStream, MAX_READ } from "../streams/input-stream.ts";
import type { StreamError } from "../streams/stream-error.ts";
import type { Streak } from "../wait/streak.ts";

/**
 * The receiving half of a connection. A read that got less than it asked for has left nothing. The next read of the same streak
 * returns that without a system call, once. This halves the calls of programs that read until nothing is left (mio, libuv,
 * asyncio).
 */
export class TcpInputStream extends InputStream {
  readonly #handle: ByteSource;
  readonly #streak: Streak;
  /** The number of the streak in which nothing was left; -1 if there is none. */
  #drained = -1;

  constructor(handle: ByteSource, streak: Streak) {
    super(handle);
    this.#handle = handle;
    this.#streak = streak;
  }

  override read(max: number): number | StreamError {
    this.#streak.continueWith(this.#handle);
    const drained = this.#drained === this.#streak.number;
    this.#drained = -1;
    if (drained) return super.read(0);
    const result = super.read(max);
    if (typeof result === "number" && result > 0 && result < Math.min(max, MAX_READ))
      this.#drained = this.#streak.number;
    return result;
  }
}
