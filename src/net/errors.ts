import type { ErrorCode } from "../machine/error-code.ts";
import type { FileErrorCode } from "../machine/files.ts";

/** The operation that failed, as errors name it. */
export type Operation = "dial" | "listen" | "accept" | "read" | "write" | "close-write" | "set-deadline";

/**
 * The codes of `wasi:sockets/network.error-code`, those of `wasi:filesystem/types.error-code` for files, and
 * `broken-pipe` for a write after the other side stopped reading, or this side ended its writing.
 */
export type SocketErrorCode = ErrorCode | FileErrorCode | "broken-pipe";

/**
 * A failed call of this library: `OPERATION ADDRESS: REASON`. The subclass and `code` tell the cause; codes may be
 * added.
 */
export abstract class NetError extends Error {
  /** A code, by which programs tell errors apart. */
  abstract readonly code: string;
  /** The operation that failed. */
  readonly operation: Operation;
  /**
   * The other end's address for connections, the own one for listeners; if neither is known, the address as it was
   * given.
   */
  readonly address: string;
  /** How many bytes of a failed write the machine had taken; 0 for other operations. */
  written = 0;

  /** @internal */
  constructor(operation: Operation, address: string, reason: string) {
    super(`${operation} ${address}: ${reason}`);
    this.operation = operation;
    this.address = address;
  }
}

/** A failure of the machine: `dial 127.0.0.1:1: connection-refused`. */
export class SocketError extends NetError {
  override readonly name = "SocketError";
  /** The failure, by WIT's name. */
  override readonly code: SocketErrorCode;

  /** @internal */
  constructor(operation: Operation, address: string, code: SocketErrorCode) {
    super(operation, address, code);
    this.code = code;
  }
}

/** A malformed address: `dial 127.0.0.1: no port (write HOST:PORT)`. */
export class AddressError extends NetError {
  override readonly name = "AddressError";
  /** The code of errors of this class. */
  override readonly code = "invalid-argument";
}

/**
 * The deadline passed, before the call or while it waited. The connection is intact: with a new deadline it can be
 * used.
 */
export class ErrDeadlineExceeded extends NetError {
  override readonly name = "ErrDeadlineExceeded";
  /** The code of errors of this class. */
  override readonly code = "deadline-exceeded";

  /** @internal */
  constructor(operation: Operation, address: string) {
    super(operation, address, "deadline exceeded");
  }
}

/** The connection or listener was closed on this side, before the call or while it waited. */
export class ErrNetClosing extends NetError {
  override readonly name = "ErrNetClosing";
  /** The code of errors of this class. */
  override readonly code = "net-closing";

  /** @internal */
  constructor(operation: Operation, address: string) {
    super(operation, address, "use of closed network connection");
  }
}

/** As `ErrNetClosing`, for a file. */
export class ErrFileClosing extends NetError {
  override readonly name = "ErrFileClosing";
  /** The code of errors of this class. */
  override readonly code = "file-closing";

  /** @internal */
  constructor(operation: Operation, address: string) {
    super(operation, address, "use of closed file");
  }
}

/** A deadline is not possible: the machine cannot wait for such a file, which is always ready. */
export class ErrNoDeadline extends NetError {
  override readonly name = "ErrNoDeadline";
  /** The code of errors of this class. */
  override readonly code = "no-deadline";

  /** @internal */
  constructor(address: string) {
    super("set-deadline", address, "file type does not support deadline");
  }
}
