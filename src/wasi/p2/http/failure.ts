import type { HttpErrorCode } from "../../../core/http/error-code.ts";
import { OperationError } from "../../../core/streams/stream-error.ts";

/** The `wasi:io/error.error` of a failed body; `http-error-code` returns its error code. */
export class HttpFailure extends OperationError {
  readonly http: HttpErrorCode;

  constructor(http: HttpErrorCode) {
    super("unknown");
    this.http = http;
  }

  override toDebugString(): string {
    return "val" in this.http && typeof this.http.val !== "object"
      ? `${this.http.tag}(${this.http.val})`
      : this.http.tag;
  }
}
