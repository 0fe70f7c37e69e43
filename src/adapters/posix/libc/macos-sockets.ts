import type { CommonCalls } from "./common-calls.ts";
import type { Ffi } from "./ffi.ts";
import { createSocketCalls, type SocketCalls } from "./socket-calls.ts";
import { macosSocketSymbols } from "./symbols.ts";

/**
 * @param errno one element: this thread's errno, read in the statement after each call (common-calls.ts)
 * @param adopt makes an fd non-blocking and close-on-exec: macOS has no SOCK_NONBLOCK and no accept4
 */
export function openMacosSockets(
  ffi: Ffi,
  libraries: readonly string[],
  errno: Int32Array,
  common: CommonCalls,
  adopt: (fd: number) => number,
): SocketCalls {
  const libc = ffi.open(libraries, macosSocketSymbols);
  return {
    ...createSocketCalls(ffi, libc, errno, common),
    adopt,
    socket(domain, type) {
      const result = libc.socket(domain, type, 0);
      return result === -1 ? -errno[0]! : adopt(result);
    },
    accept(fd) {
      const result = libc.accept(fd, ffi.null, ffi.null);
      return result === -1 ? -errno[0]! : adopt(result);
    },
  };
}
