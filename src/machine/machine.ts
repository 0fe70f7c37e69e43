/**
 * The contract between the core and a machine, which a backend implements (posix over FFI, or a runtime's own sockets).
 * Rules for all of them:
 *
 * - Nothing here waits, except `Selector.select` with a timeout above zero. A call that cannot be done now returns
 *   `would-block`.
 * - A failure that WASI has a code for is a value, an `ErrorCode` (mapped from errno in one table). Anything else that
 *   a backend throws is a bug. A result and an `ErrorCode` share a return type; `typeof result === "string"` tells them
 *   apart.
 * - Times are nanoseconds as JS numbers (exact up to 104 days), on the machine's monotonic clock; `Infinity` means
 *   never.
 * - Sizes are bytes.
 */

import type { Files } from "./files.ts";
import type { Selector, Source, SuspendingSelector } from "./selector.ts";
import type { Net } from "./sockets.ts";
import type { ByteSink, ByteSource } from "./streams.ts";
import type { OpenTls } from "./tls.ts";

export interface Stdio {
  readonly stdin: ByteSource;
  readonly stdout: ByteSink;
  readonly stderr: ByteSink;
  isTerminal(fd: 0 | 1 | 2): boolean;
}

/** Unix time. */
export interface WallClock {
  /** Returns ns since 1970, which needs more bits than a number has. */
  now(): bigint;
  /** Resolution, ns. */
  readonly resolution: number;
}

export interface Machine {
  /** The transfer buffer that `receive` fills: 64 KiB. */
  readonly buffer: Uint8Array;
  /** Returns monotonic time, ns. The nominal resolution is 1 ns. */
  now(): number;
  readonly wallClock: WallClock;
  readonly selector: Readonly<Selector>;
  readonly net: Readonly<Net>;
  readonly stdio: Readonly<Stdio>;
  readonly files: Readonly<Files>;
  /** Loads TLS. Undefined if the machine has none. */
  readonly loadTls?: () => Promise<OpenTls>;
  /** The permission that the runtime lacks, and how to grant it, if that may be why a guest's sockets fail. */
  readonly lacks?: string | undefined;
  /** Fills `bytes` from the machine's cryptographic generator. */
  fillRandom(bytes: Uint8Array): void;
  /** Makes the system kill this process when its parent ends. Undefined if the machine cannot. */
  readonly endWithParent?: (() => void) | undefined;
  /**
   * Limits the handling of a signal that the runtime handles: the next one is handled as usual, but the one after it
   * has the default effect, unless this is called again. A guest that computes keeps signal handlers from running.
   * Undefined if the machine cannot.
   */
  readonly handleOnce?: ((signal: number) => void) | undefined;
  /**
   * Returns the CPU time of all threads of this process, ns, from an arbitrary start. Undefined if the machine cannot
   * tell.
   */
  readonly cpuTime?: (() => number) | undefined;
}

/** A machine for guests whose stacks are suspended while they wait. */
export interface SuspendingMachine extends Machine {
  readonly selector: Readonly<SuspendingSelector>;
  /**
   * The source of sent data that the machine still holds, even of closed sockets: WRITABLE when all of it has left. It
   * must be waited for before the process exits or the machine is closed, or the data is lost. Undefined if sent data
   * leaves at once.
   */
  readonly sent?: Source;
}
