import type { ErrorCode } from "./error-code.ts";
import type { IoError } from "./files.ts";
import type { Source } from "./selector.ts";

/** Read halves and write halves of everything that carries bytes. */
export interface ByteSource {
  /** Undefined: never waited for (always ready). */
  readonly source: Source | undefined;
  /**
   * Puts 1..max bytes into `Machine.buffer`, from its start, where they stay until the machine is called again. `max` is at
   * most the buffer's size, and 0 of a file alone. Returns their number; 0 is the end of the stream.
   */
  receive(max: number): number | ErrorCode | IoError;
}

export interface ByteSink {
  readonly source: Source | undefined;
  /**
   * Hands over `bytes` from `start` to `end` (all of them unless given: a guest's whole memory may stand here),
   * returning how many were taken (at least 1; only a file is given nothing), `would-block`, or a failure. `broken-pipe`: the peer is gone. The bytes
   * are the caller's again when this returns.
   */
  send(bytes: Uint8Array, start?: number, end?: number): number | ErrorCode | IoError | "broken-pipe";
}
