import type { HttpErrorCode } from "../../../core/http/error-code.ts";
import { OperationError } from "../../../core/streams/stream-error.ts";

/** Why a body's stream failed: the `wasi:io/error.error` of which `http-error-code` knows more. */
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
