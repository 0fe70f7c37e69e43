import type { HostInstance } from "../../../component/host.ts";
import { OperationError } from "../../../core/streams/stream-error.ts";

/** Makes `wasi:io/error`. */
export function ioError(): HostInstance {
  return {
    error: OperationError,
    "[method]error.to-debug-string": (self: OperationError) => self.toDebugString(),
  };
}
