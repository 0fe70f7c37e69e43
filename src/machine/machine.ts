/**
 * What the core asks of a machine.
 *
 * A backend (posix over FFI, or a runtime's own sockets) implements `Machine`. The rules that hold for all of them:
 *
 * - Nothing here waits, except `Selector.select` with a timeout above zero. What cannot be done now answers `would-block`.
 * - A failure that WASI has a code for is a value, an `ErrorCode` (mapped from errno in one table); everything else a backend
 *   throws is a bug. A result and an `ErrorCode` share a return type and are told apart by `typeof result === "string"`.
 * - Times are nanoseconds as JS numbers (exact up to 104 days), on the machine's monotonic clock; `Infinity` is "never".
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
  /** ns since 1970: more bits than a number has. */
  now(): bigint;
  /** Its resolution, ns. */
  readonly resolution: number;
}

export interface Machine {
  /** The transfer buffer that `receive` fills: 64 KiB. */
  readonly buffer: Uint8Array;
  /** Monotonic time, ns. Resolution 1 ns nominal. */
  now(): number;
  readonly wallClock: WallClock;
  readonly selector: Readonly<Selector>;
  readonly net: Readonly<Net>;
  readonly stdio: Readonly<Stdio>;
  readonly files: Readonly<Files>;
  /** Loads what TLS needs. Undefined: the machine has none. */
  readonly loadTls?: () => Promise<OpenTls>;
  /** A permission that the runtime lacks, and how to give it, where that may be why a guest's sockets fail. */
  readonly lacks?: string | undefined;
  /** Fills `bytes` from the machine's cryptographic generator. */
  fillRandom(bytes: Uint8Array): void;
  /** From now on this process is killed when the one that started it ends. Undefined: the machine cannot see to that. */
  readonly endWithParent?: (() => void) | undefined;
  /**
   * Of a signal that the runtime handles: the next one is handled as ever, and the one after it does what it would do unhandled,
   * unless this is called again. A guest that computes keeps handlers from being called. Undefined: the machine cannot.
   */
  readonly handleOnce?: ((signal: number) => void) | undefined;
  /** CPU time of this process, of all its threads, ns, from some point on. Undefined: the machine cannot tell. */
  readonly cpuTime?: (() => number) | undefined;
}

/** A machine for guests that are suspended while they wait. */
export interface SuspendingMachine extends Machine {
  readonly selector: Readonly<SuspendingSelector>;
  /**
   * Where what was sent may leave after the call has returned, even after its socket was closed: WRITABLE when it has left.
   * Before the process exits or the machine is closed somebody must wait for it, or it is lost.
   */
  readonly sent?: Source;
}
