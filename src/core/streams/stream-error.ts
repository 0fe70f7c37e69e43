import { type ErrorCode, errorCodes } from "../../machine/error-code.ts";
import type { IoError } from "../../machine/files.ts";

/** `wasi:io/error.error`: the reason why the last operation on a stream failed. */
export class OperationError {
  readonly cause: ErrorCode | IoError;

  constructor(cause: ErrorCode | IoError) {
    this.cause = cause;
  }

  /** Returns a text for people: `connection-reset (error 15)`, `Is a directory (os error 21)`. */
  toDebugString(): string {
    const { cause } = this;
    if (typeof cause === "string") return `${cause} (error ${errorCodes.indexOf(cause)})`;
    return `${cause.message} (os error ${cause.errno})`;
  }
}

/** `wasi:io/streams.stream-error`: the stream has ended, or its last operation failed. */
export type StreamError = "closed" | OperationError;
