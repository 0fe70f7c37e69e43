import { errno } from "./abi/errno.ts";
import { type Area, storeCount } from "./context.ts";
import { readVectors, receive, send, totalLength, writeVectors } from "./transfer.ts";

/**
 * `fd_read`, `fd_write`, `fd_pread`, `fd_pwrite`: `iovs` points to `count` iovecs. All store a count of bytes, and
 * return EBADF for a closed descriptor, ENOMEM for more than -Shostcall-fuel allows, EAGAIN if NONBLOCK is set and
 * nothing can be done now, and else the errno of the descriptor's failure.
 */
export const fdIo: Area = (cx) => ({
  /**
   * readv(2): stores the bytes read, 0 at the end, at `nread`. Waits for the first byte. Errno: see above; ENOTCONN for
   * a listener.
   */
  fd_read(fd: number, iovs: number, count: number, nread: number) {
    const total = totalLength(cx, iovs, count);
    if (total < 0) return -total;
    const descriptor = cx.fds.get(fd);
    if (descriptor === undefined) return errno.EBADF;
    const done = readVectors(cx, descriptor, receive, iovs, total);
    return storeCount(cx, done, nread);
  },

  /**
   * writev(2): stores the bytes written at `nwritten`. Waits until all are. Errno: see above; EPIPE, ECONNRESET for a
   * connection.
   */
  fd_write(fd: number, iovs: number, count: number, nwritten: number) {
    const total = totalLength(cx, iovs, count);
    if (total < 0) return -total;
    const descriptor = cx.fds.get(fd);
    if (descriptor === undefined) return errno.EBADF;
    const done = writeVectors(cx, descriptor, send, iovs, count, total);
    return storeCount(cx, done, nwritten);
  },

  /** preadv(2) at `offset` bytes; the position stays. Errno: see above; ESPIPE without a position (stdout: EBADF). */
  fd_pread(fd: number, iovs: number, count: number, offset: bigint, nread: number) {
    const total = totalLength(cx, iovs, count);
    if (total < 0) return -total;
    const descriptor = cx.fds.get(fd);
    if (descriptor === undefined) return errno.EBADF;
    const from = BigInt.asUintN(64, offset);
    const done = readVectors(cx, descriptor, (file, max) => file.receiveAt(max, from), iovs, total);
    return storeCount(cx, done, nread);
  },

  /** pwritev(2) at `offset` bytes; the position stays. Errno: see above; ESPIPE without a position (stdin: EBADF). */
  fd_pwrite(fd: number, iovs: number, count: number, offset: bigint, nwritten: number) {
    const total = totalLength(cx, iovs, count);
    if (total < 0) return -total;
    const descriptor = cx.fds.get(fd);
    if (descriptor === undefined) return errno.EBADF;
    let to = BigInt.asUintN(64, offset);
    const done = writeVectors(
      cx,
      descriptor,
      (file, bytes) => {
        const written = file.sendAt(bytes, to);
        if (written > 0) to += BigInt(written);
        return written;
      },
      iovs,
      count,
      total,
    );
    return storeCount(cx, done, nwritten);
  },
});
