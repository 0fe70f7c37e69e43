import { allFdflags, fdflags, riflags, sdflags } from "./constants.ts";
import { type Area, block, flagsArgument, type Preview1 } from "./context.ts";
import type { Descriptor } from "./descriptor.ts";
import { errno } from "./errno.ts";
import { outgoingLength, peek, readFully, readVectors, receive, send, totalLength, writeVectors } from "./transfer.ts";

/** `sock_*`. Of what is no socket: ENOTSOCK, or EBADF when it is nothing. */
export const sock: Area = (cx, layout) => ({
  ...(layout.module === "wasi_unstable" ? {} : { sock_accept: accept(cx) }),

  sock_recv(fd: number, iovs: number, count: number, flags: number, received: number, roflags: number) {
    const how = flagsArgument(flags, riflags.peek | riflags.waitall, 16, "Riflags");
    const descriptor = socket(cx, fd);
    if (typeof descriptor === "number") return descriptor;
    const total = totalLength(cx, iovs, count);
    if (total < 0) return -total;
    const done =
      how === riflags.waitall
        ? readFully(cx, descriptor, receive, iovs, total)
        : readVectors(cx, descriptor, (how & riflags.peek) === 0 ? receive : peek, iovs, total);
    if (done < 0) return -done;
    cx.memory.setU32(received, done);
    // RECV_DATA_TRUNCATED is for datagrams.
    cx.memory.setU16(roflags, 0);
    return errno.ESUCCESS;
  },

  sock_send(fd: number, iovs: number, count: number, flags: number, sent: number) {
    // None is defined, and wasmtime passes over those that could be.
    flagsArgument(flags, 0xffff, 32, "Siflags");
    const descriptor = socket(cx, fd);
    if (typeof descriptor === "number") return descriptor;
    const total = outgoingLength(cx, iovs, count);
    if (total < 0) return -total;
    const done = writeVectors(cx, descriptor, send, iovs, count, total);
    if (done < 0) return -done;
    cx.memory.setU32(sent, done);
    return errno.ESUCCESS;
  },

  sock_shutdown(fd: number, how: number) {
    const halves = flagsArgument(how, sdflags.rd | sdflags.wr, 8, "Sdflags");
    const descriptor = socket(cx, fd);
    if (typeof descriptor === "number") return descriptor;
    return halves === 0 ? errno.EINVAL : descriptor.shutdown(halves);
  },
});

/** Waits for a connection when the listener is in blocking mode. `flags` are the connection's. */
function accept(cx: Preview1): (fd: number, flags: number, connection: number) => number {
  return (fd, flags, result) => {
    const set = flagsArgument(flags, allFdflags, 16, "Fdflags");
    const listener = socket(cx, fd);
    if (typeof listener === "number") return listener;
    if ((set & ~fdflags.nonblock) !== 0) return errno.EINVAL;
    // Before the connection is taken from the queue: a trap must not lose it.
    cx.memory.check(result, 4, 4);
    for (;;) {
      const connection = listener.accept();
      if (typeof connection !== "number") {
        connection.flags = set;
        cx.memory.setU32(result, cx.fds.push(connection));
        return errno.ESUCCESS;
      }
      if (connection !== errno.EAGAIN || listener.nonblocking) return connection;
      block(cx, listener, "readable");
    }
  };
}

function socket(cx: Preview1, fd: number): Descriptor | number {
  const descriptor = cx.fds.get(fd);
  if (descriptor === undefined) return errno.EBADF;
  return descriptor.isSocket ? descriptor : errno.ENOTSOCK;
}
