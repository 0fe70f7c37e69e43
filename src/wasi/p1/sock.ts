import type { Blocking } from "../../core/wait/poll.ts";
import { andThen, type Waiting } from "../../core/wait/waiting.ts";
import { flagsArgument } from "./abi/arguments.ts";
import { allFdflags, fdflags, riflags, sdflags } from "./abi/constants.ts";
import { errno } from "./abi/errno.ts";
import { type Area, awaited, missesListener, type Preview1Context, storeCount } from "./context.ts";
import type { FileDescriptor } from "./descriptors/descriptor.ts";
import { peek, readFully, readVectors, receive, send, totalLength, writeVectors } from "./transfer.ts";

/**
 * `sock_*`. All return EBADF for a closed descriptor, ENOTSOCK for one that is no socket, and else the errno of the
 * socket's failure.
 */
export const sock: Area = (cx, layout) => ({
  /** accept4(2), see `accept`. */
  ...(layout.module === "wasi_unstable" ? {} : { sock_accept: accept(cx) }),

  /**
   * recv(2) into `count` iovecs at `iovs`; `flags` are `riflags`, and the bytes received (0: the end) are stored at
   * `received`. Errno: see above; EAGAIN if NONBLOCK is set, ENOTCONN for a listener, ENOMEM above -Shostcall-fuel.
   */
  sock_recv(fd: number, iovs: number, count: number, flags: number, received: number, roflags: number) {
    const how = flagsArgument(flags, riflags.peek | riflags.waitall, 16, "Riflags");
    const descriptor = socket(cx, fd);
    if (typeof descriptor === "number") return descriptor;
    const total = totalLength(cx, iovs, count);
    if (total < 0) return -total;
    const done =
      how === riflags.waitall
        ? cx.poll.run(readFully(cx, descriptor, receive, iovs, total))
        : readVectors(cx, descriptor, (how & riflags.peek) === 0 ? receive : peek, iovs, total);
    return andThen(storeCount(cx, done, received), (result) => {
      // RECV_DATA_TRUNCATED is for datagrams.
      if (result === errno.ESUCCESS) cx.memory.setU16(roflags, 0);
      return result;
    });
  },

  /**
   * send(2) of `count` iovecs at `iovs`; the bytes sent are stored at `sent`. Errno: see above; EAGAIN if NONBLOCK is
   * set, EPIPE, ECONNRESET, ENOTCONN for a listener, ENOMEM above -Shostcall-fuel.
   */
  sock_send(fd: number, iovs: number, count: number, flags: number, sent: number) {
    // The witx defines none; wasmtime ignores them.
    flagsArgument(flags, 0xffff, 16, "Siflags");
    const descriptor = socket(cx, fd);
    if (typeof descriptor === "number") return descriptor;
    const total = totalLength(cx, iovs, count);
    if (total < 0) return -total;
    const done = writeVectors(cx, descriptor, send, iovs, count, total);
    return storeCount(cx, done, sent);
  },

  /** shutdown(2): `how` is `sdflags`. Errno: see above; EINVAL for none, ENOTCONN for a listener. */
  sock_shutdown(fd: number, how: number) {
    const halves = flagsArgument(how, sdflags.rd | sdflags.wr, 8, "Sdflags");
    const descriptor = socket(cx, fd);
    if (typeof descriptor === "number") return descriptor;
    return halves === 0 ? errno.EINVAL : descriptor.shutdown(halves);
  },
});

/**
 * Makes sock_accept: accept4(2), which stores the new descriptor at `result` and waits unless the listener is
 * non-blocking. `flags` are the connection's. Errno: EINVAL for a flag other than NONBLOCK or a socket that does not
 * listen, EAGAIN; traps when too many are open.
 */
function accept(cx: Preview1Context): (fd: number, flags: number, connection: number) => Waiting<number> {
  /** Returns an errno, or undefined if the queue is empty and the call may wait. */
  function take(listener: FileDescriptor, flags: number, result: number): number | undefined {
    const connection = listener.accept();
    if (typeof connection === "number")
      return connection === errno.EAGAIN && !listener.nonblocking ? undefined : connection;
    connection.flags = flags;
    cx.memory.setU32(result, cx.fds.push(connection));
    return errno.ESUCCESS;
  }

  function* takeLater(listener: FileDescriptor, flags: number, result: number): Blocking<number> {
    for (;;) {
      yield awaited(listener, "readable");
      const taken = take(listener, flags, result);
      if (taken !== undefined) return taken;
    }
  }

  return (fd, flags, result) => {
    const set = flagsArgument(flags, allFdflags, 16, "Fdflags");
    const listener = socket(cx, fd);
    if (typeof listener === "number") return listener;
    if ((set & ~fdflags.nonblock) !== 0) return errno.EINVAL;
    // Checked before the connection leaves the queue: a trap must not lose it.
    cx.memory.check(result, 4, 4);
    return take(listener, set, result) ?? cx.poll.run(takeLater(listener, set, result));
  };
}

function socket(cx: Preview1Context, fd: number): FileDescriptor | number {
  const descriptor = cx.fds.get(fd);
  if (descriptor?.isSocket !== true) missesListener(cx, fd);
  if (descriptor === undefined) return errno.EBADF;
  return descriptor.isSocket ? descriptor : errno.ENOTSOCK;
}
