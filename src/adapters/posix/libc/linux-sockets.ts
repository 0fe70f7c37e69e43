import type { CommonCalls } from "./common-calls.ts";
import type { Ffi } from "./ffi.ts";
import { createSocketCalls, type SocketCalls } from "./socket-calls.ts";
import { linuxSocketSymbols } from "./symbols.ts";

// The values of O_CLOEXEC and O_NONBLOCK, too.
const SOCK_CLOEXEC = 0o2000000;
const SOCK_NONBLOCK = 0o4000;
// <fcntl.h>
const F_SETFD = 2;
const F_SETFL = 4;
const FD_CLOEXEC = 1;

/** @param errno one element: this thread's errno, read in the statement after each call (common-calls.ts) */
export function openLinuxSockets(
  ffi: Ffi,
  libraries: readonly string[],
  errno: Int32Array,
  common: CommonCalls,
): SocketCalls {
  const libc = ffi.open(libraries, linuxSocketSymbols);
  return {
    ...createSocketCalls(ffi, libc, errno, common),
    socket(domain, type) {
      const result = libc.socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      return result === -1 ? -errno[0]! : result;
    },
    accept(fd) {
      const result = libc.accept4(fd, ffi.null, ffi.null, SOCK_NONBLOCK | SOCK_CLOEXEC);
      return result === -1 ? -errno[0]! : result;
    },
    adopt(fd) {
      const result = libc.fcntl(fd, F_SETFL, SOCK_NONBLOCK) === -1 ? -1 : libc.fcntl(fd, F_SETFD, FD_CLOEXEC);
      return result === -1 ? -errno[0]! : fd;
    },
  };
}
