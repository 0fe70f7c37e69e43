import type { ErrorCode } from "../machine/error-code.ts";
import type { FileErrorCode } from "../machine/files.ts";

/** The operation that failed, as errors name it. */
export type Operation = "dial" | "listen" | "accept" | "read" | "write" | "close-write" | "set-deadline";

/**
 * The codes of `wasi:sockets/network.error-code`; of `wasi:filesystem/types.error-code`, for files; and what a write meets when
 * the other side no longer reads, or this one has ended its writing.
 */
export type SocketErrorCode = ErrorCode | FileErrorCode | "broken-pipe";

/**
 * A call of this library that failed: `OPERATION ADDRESS: REASON`. The classes below say why, and so does `code`; other codes
 * may join them.
 */
export abstract class NetError extends Error {
  abstract readonly code: string;
  readonly operation: Operation;
  /** The other end's for connections, their own for listeners; as it was given where that is all there is. */
  readonly address: string;
  /** Bytes of a failed write that the machine had taken; 0 for everything else. */
  written = 0;

  constructor(operation: Operation, address: string, reason: string) {
    super(`${operation} ${address}: ${reason}`);
    this.operation = operation;
    this.address = address;
  }
}

/** The machine's answer: `dial 127.0.0.1:1: connection-refused`. */
export class SocketError extends NetError {
  override readonly name = "SocketError";
  override readonly code: SocketErrorCode;

  constructor(operation: Operation, address: string, code: SocketErrorCode) {
    super(operation, address, code);
    this.code = code;
  }
}

/** The address that was given is malformed: `dial 127.0.0.1: no port (write HOST:PORT)`. */
export class AddressError extends NetError {
  override readonly name = "AddressError";
  override readonly code = "invalid-argument";
}

/**
 * The deadline has passed, before the call or while it waited. The connection is as good as before: with a new one it goes on.
 */
export class ErrDeadlineExceeded extends NetError {
  override readonly name = "ErrDeadlineExceeded";
  override readonly code = "deadline-exceeded";

  constructor(operation: Operation, address: string) {
    super(operation, address, "deadline exceeded");
  }
}

/** The connection or listener was closed on this side, before the call or while it waited. */
export class ErrNetClosing extends NetError {
  override readonly name = "ErrNetClosing";
  override readonly code = "net-closing";

  constructor(operation: Operation, address: string) {
    super(operation, address, "use of closed network connection");
  }
}

/** As `ErrNetClosing`, of a file. */
export class ErrFileClosing extends NetError {
  override readonly name = "ErrFileClosing";
  override readonly code = "file-closing";

  constructor(operation: Operation, address: string) {
    super(operation, address, "use of closed file");
  }
}

/** No deadline is possible: the machine cannot wait for such a file, which is always ready. */
export class ErrNoDeadline extends NetError {
  override readonly name = "ErrNoDeadline";
  override readonly code = "no-deadline";

  constructor(address: string) {
    super("set-deadline", address, "file type does not support deadline");
  }
}
