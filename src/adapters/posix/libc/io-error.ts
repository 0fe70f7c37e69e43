import type { IoError } from "../../../machine/files.ts";
import type { Context } from "./context.ts";

/** @param result A call's negated errno. */
export function ioError({ sys, os }: Pick<Context, "sys" | "os">, result: number): IoError {
  return { errno: -result, message: sys.strerror(-result), code: os.fileErrors(-result) ?? "io" };
}
