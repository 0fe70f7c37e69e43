import { codes } from "../../machine/errno.ts";
import type { ErrorCode } from "../../machine/error-code.ts";

/** What the errors of all three runtimes have where a system call has failed. */
export function errnoName(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** What a runtime's failure is called in WASI; Deno's missing permission is an access denied. */
export function errorCodeOf(error: unknown): ErrorCode {
  if (error instanceof Error && error.name === "NotCapable") return "access-denied";
  return errorCodeNamed(errnoName(error));
}

/** @param name as `EADDRINUSE` */
export function errorCodeNamed(name: string | undefined): ErrorCode {
  return name !== undefined && Object.hasOwn(codes, name) ? codes[name as keyof typeof codes] : "unknown";
}

/**
 * What a connection died of; undefined: its peer has gone (EPIPE), which a send answers. A runtime that looks at one after its
 * peer's reset finds it not connected.
 */
export function connectionErrorOf(error: unknown): ErrorCode | undefined {
  const name = errnoName(error);
  if (name === "ENOTCONN") return "connection-reset";
  return name === "EPIPE" ? undefined : errorCodeOf(error);
}
