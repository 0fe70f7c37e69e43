import type { ErrorCode } from "./error-code.ts";
import type { IoError } from "./files.ts";
import type { Source } from "./selector.ts";

/** The read half of anything that carries bytes. */
export interface ByteSource {
  /** Undefined if it is always ready. */
  readonly source: Source | undefined;
  /**
   * Receives 1 to `max` bytes into the start of `Machine.buffer`, where they stay until the machine is called again.
   * `max` is at most the buffer's size, and may be 0 for a file only. Returns their number; 0 is the end of the stream.
   */
  receive(max: number): number | ErrorCode | IoError;
}

/** The write half of anything that carries bytes. */
export interface ByteSink {
  readonly source: Source | undefined;
  /**
   * Sends the bytes from `start` to `end` (default: all; `bytes` may be a guest's whole memory). Returns how many were
   * taken (at least 1; only a file may be given none), `would-block`, or a failure; `broken-pipe` means that the peer
   * is gone. The caller may reuse the bytes when this returns.
   */
  send(bytes: Uint8Array, start?: number, end?: number): number | ErrorCode | IoError | "broken-pipe";
}
