import type { CommonCalls } from "./common-calls.ts";
import type { Ffi } from "./ffi.ts";
import type { Functions, Pointer, socketSymbols } from "./symbols.ts";

/** libc's calls on sockets, in the convention of common-calls.ts, and written by hand for the same reasons. */
export interface SocketCalls extends CommonSocketCalls {
  /** The socket is non-blocking and close-on-exec. */
  socket(domain: number, type: number): number;
  /** The accepted socket is non-blocking and close-on-exec. */
  accept(fd: number): number;
  /** Makes an fd non-blocking and close-on-exec. Returns the fd. */
  adopt(fd: number): number;
}

export interface CommonSocketCalls {
  bind(fd: number, address: Pointer, length: number): number;
  connect(fd: number, address: Pointer, length: number): number;
  listen(fd: number, backlog: number): number;
  shutdown(fd: number, how: number): number;
  getsockname(fd: number, address: Pointer, length: Pointer): number;
  getpeername(fd: number, address: Pointer, length: Pointer): number;
  getsockopt(fd: number, level: number, name: number, value: Pointer, length: Pointer): number;
  setsockopt(fd: number, level: number, name: number, value: Pointer, length: number): number;
  /** recv(2) and send(2) on a socket, in the fastest form that this FFI has. */
  receive(fd: number, buffer: Pointer, count: number): number;
  send(fd: number, buffer: Pointer, count: number): number;
  recvmsg(fd: number, message: Pointer, flags: number): number;
  sendmsg(fd: number, message: Pointer, flags: number): number;
  /** Makes `as` refer to what `fd` refers to, closing what it was before: dup2(2). */
  dup2(fd: number, as: number): number;
}

/** @param errno one element: this thread's errno */
export function createSocketCalls(
  ffi: Ffi,
  libc: Functions<typeof socketSymbols>,
  errno: Int32Array,
  { read, write }: Pick<CommonCalls, "read" | "write">,
): CommonSocketCalls {
  const calls: Omit<CommonSocketCalls, "receive" | "send"> = {
    bind(fd, address, length) {
      const result = libc.bind(fd, address, length);
      return result === -1 ? -errno[0]! : result;
    },
    connect(fd, address, length) {
      const result = libc.connect(fd, address, length);
      return result === -1 ? -errno[0]! : result;
    },
    listen(fd, backlog) {
      const result = libc.listen(fd, backlog);
      return result === -1 ? -errno[0]! : result;
    },
    shutdown(fd, how) {
      const result = libc.shutdown(fd, how);
      return result === -1 ? -errno[0]! : result;
    },
    getsockname(fd, address, length) {
      const result = libc.getsockname(fd, address, length);
      return result === -1 ? -errno[0]! : result;
    },
    getpeername(fd, address, length) {
      const result = libc.getpeername(fd, address, length);
      return result === -1 ? -errno[0]! : result;
    },
    getsockopt(fd, level, name, value, length) {
      const result = libc.getsockopt(fd, level, name, value, length);
      return result === -1 ? -errno[0]! : result;
    },
    setsockopt(fd, level, name, value, length) {
      const result = libc.setsockopt(fd, level, name, value, length);
      return result === -1 ? -errno[0]! : result;
    },
    recvmsg(fd, message, flags) {
      const result = libc.recvmsg(fd, message, flags);
      return result === -1 ? -errno[0]! : result;
    },
    sendmsg(fd, message, flags) {
      const result = libc.sendmsg(fd, message, flags);
      return result === -1 ? -errno[0]! : result;
    },
    dup2(fd, as) {
      const result = libc.dup2(fd, as);
      return result === -1 ? -errno[0]! : result;
    },
  };
  // On a socket read(2) and write(2) do the same, by a longer path in the kernel (0.12 us a pair).
  if (ffi.fewParameters) return { ...calls, receive: read, send: write };
  return {
    ...calls,
    receive(fd, buffer, count) {
      const result = libc.recv(fd, buffer, count, 0);
      return result === -1 ? -errno[0]! : result;
    },
    send(fd, buffer, count) {
      const result = libc.send(fd, buffer, count, 0);
      return result === -1 ? -errno[0]! : result;
    },
  };
}
