import { codes } from "../../machine/errno.ts";
import type { ErrorCode } from "../../machine/error-code.ts";

/** Returns the errno's name, which all three runtimes put into the error of a failed system call. */
export function errnoName(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** Returns the WASI code of a runtime's error; Deno's missing permission is access-denied. */
export function errorCodeOf(error: unknown): ErrorCode {
  if (error instanceof Error && error.name === "NotCapable") return "access-denied";
  return errorCodeNamed(errnoName(error));
}

/** Returns the WASI code of an errno. @param name such as `EADDRINUSE` */
export function errorCodeNamed(name: string | undefined): ErrorCode {
  return name !== undefined && Object.hasOwn(codes, name) ? codes[name as keyof typeof codes] : "unknown";
}

/**
 * Returns the failure of a connection; undefined if its peer is gone (EPIPE), which a send reports. A runtime that
 * looks at a connection after its peer's reset finds it not connected.
 */
export function connectionErrorOf(error: unknown): ErrorCode | undefined {
  const name = errnoName(error);
  if (name === "ENOTCONN") return "connection-reset";
  return name === "EPIPE" ? undefined : errorCodeOf(error);
}
