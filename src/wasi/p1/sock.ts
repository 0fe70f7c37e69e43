import type { Blocking } from "../../core/wait/poll.ts";
import { then, type Waiting } from "../../core/wait/waiting.ts";
import { flagsArgument } from "./abi/arguments.ts";
import { allFdflags, fdflags, riflags, sdflags } from "./abi/constants.ts";
import { errno } from "./abi/errno.ts";
import { type Area, answer, awaited, missesListener, type Preview1 } from "./context.ts";
import type { FileDescriptor } from "./descriptors/descriptor.ts";
import { peek, readFully, readVectors, receive, send, totalLength, writeVectors } from "./transfer.ts";

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
        ? cx.poll.run(readFully(cx, descriptor, receive, iovs, total))
        : readVectors(cx, descriptor, (how & riflags.peek) === 0 ? receive : peek, iovs, total);
    return then(answer(cx, done, received), (result) => {
      // RECV_DATA_TRUNCATED is for datagrams.
      if (result === errno.ESUCCESS) cx.memory.setU16(roflags, 0);
      return result;
    });
  },

  sock_send(fd: number, iovs: number, count: number, flags: number, sent: number) {
    // None is defined, and wasmtime passes over those that could be.
    flagsArgument(flags, 0xffff, 16, "Siflags");
    const descriptor = socket(cx, fd);
    if (typeof descriptor === "number") return descriptor;
    const total = totalLength(cx, iovs, count);
    if (total < 0) return -total;
    const done = writeVectors(cx, descriptor, send, iovs, count, total);
    return answer(cx, done, sent);
  },

  sock_shutdown(fd: number, how: number) {
    const halves = flagsArgument(how, sdflags.rd | sdflags.wr, 8, "Sdflags");
    const descriptor = socket(cx, fd);
    if (typeof descriptor === "number") return descriptor;
    return halves === 0 ? errno.EINVAL : descriptor.shutdown(halves);
  },
});

/** Waits for a connection when the listener is in blocking mode. `flags` are the connection's. */
function accept(cx: Preview1): (fd: number, flags: number, connection: number) => Waiting<number> {
  /** An errno; undefined: nobody is there to be accepted yet. */
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
    // Before the connection is taken from the queue: a trap must not lose it.
    cx.memory.check(result, 4, 4);
    return take(listener, set, result) ?? cx.poll.run(takeLater(listener, set, result));
  };
}

function socket(cx: Preview1, fd: number): FileDescriptor | number {
  const descriptor = cx.fds.get(fd);
  if (descriptor?.isSocket !== true) missesListener(cx, fd);
  if (descriptor === undefined) return errno.EBADF;
  return descriptor.isSocket ? descriptor : errno.ENOTSOCK;
}
