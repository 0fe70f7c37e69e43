import type { IoError } from "../../../machine/files.ts";
import type { PosixContext } from "./context.ts";
import { fileErrorCode } from "./file-errno.ts";

/** Makes an `IoError` of a failed call. @param result the call's negated errno */
export function ioError({ sys, os }: Pick<PosixContext, "sys" | "os">, result: number): IoError {
  return { errno: -result, message: sys.strerror(-result), code: fileErrorCode(os.errno, -result) };
}
