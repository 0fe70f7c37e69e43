import { errno } from "./abi/errno.ts";
import { type Area, answer } from "./context.ts";
import { readVectors, receive, send, totalLength, writeVectors } from "./transfer.ts";

/** `fd_read`, `fd_write` and their forms with an offset. */
export const fdIo: Area = (cx) => ({
  fd_read(fd: number, iovs: number, count: number, nread: number) {
    const total = totalLength(cx, iovs, count);
    if (total < 0) return -total;
    const descriptor = cx.fds.get(fd);
    if (descriptor === undefined) return errno.EBADF;
    const done = readVectors(cx, descriptor, receive, iovs, total);
    return answer(cx, done, nread);
  },

  fd_write(fd: number, iovs: number, count: number, nwritten: number) {
    const total = totalLength(cx, iovs, count);
    if (total < 0) return -total;
    const descriptor = cx.fds.get(fd);
    if (descriptor === undefined) return errno.EBADF;
    const done = writeVectors(cx, descriptor, send, iovs, count, total);
    return answer(cx, done, nwritten);
  },

  fd_pread(fd: number, iovs: number, count: number, offset: bigint, nread: number) {
    const total = totalLength(cx, iovs, count);
    if (total < 0) return -total;
    const descriptor = cx.fds.get(fd);
    if (descriptor === undefined) return errno.EBADF;
    const from = BigInt.asUintN(64, offset);
    const done = readVectors(cx, descriptor, (file, max) => file.receiveAt(max, from), iovs, total);
    return answer(cx, done, nread);
  },

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
    return answer(cx, done, nwritten);
  },
});
