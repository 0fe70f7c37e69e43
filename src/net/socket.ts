import type { IpSocketAddress } from "../machine/address.ts";
import type { ErrorCode } from "../machine/error-code.ts";
import { formatSocketAddress } from "../machine/ip.ts";
import type { TcpHandle } from "../machine/sockets.ts";
import { Address } from "./address.ts";
import { Conn } from "./conn.ts";
import { type Operation, SocketError } from "./errors.ts";
import { Fd } from "./fd.ts";
import type { Scheduler } from "./scheduler.ts";

/** Makes a TCP socket. @throws SocketError */
export function createSocket(scheduler: Scheduler, operation: Operation, address: IpSocketAddress): TcpHandle {
  const handle = scheduler.netpoll.machine.net.createTcpSocket(address.tag);
  if (typeof handle === "string") throw new SocketError(operation, formatSocketAddress(address), handle);
  return handle;
}

/**
 * Makes the descriptor of a socket that is or will be connected. It is shut down before it is closed: if bytes were
 * left unread, close(2) sends a reset, and the peer's next read would fail at once. After a shutdown the peer reads
 * what has arrived, and the end.
 */
export function connFd(scheduler: Scheduler, handle: TcpHandle, name: string): Fd {
  const destroy = (): void => {
    handle.shutdown("send");
    handle.close();
  };
  return new Fd(scheduler, { kind: "net", name, source: handle.source, destroy });
}

/**
 * Makes a connection from a connected socket. Its peer, and so its address, may already be gone: that is the failure
 * returned.
 */
export function connOf(scheduler: Scheduler, handle: TcpHandle, fd?: Fd): Conn | ErrorCode {
  const local = handle.localAddress();
  if (typeof local === "string") return local;
  const remote = handle.remoteAddress();
  if (typeof remote === "string") return remote;
  const ends = { local: new Address(local), remote: new Address(remote) };
  const { buffer } = scheduler.netpoll.machine;
  return new Conn(fd ?? connFd(scheduler, handle, `${ends.remote}`), handle, buffer, ends);
}

/** Makes an attempt for `Fd.call` from a bind or connect: the first call begins it, later ones return its outcome. */
export function begun(handle: TcpHandle, begin: () => ErrorCode | undefined): () => ErrorCode | undefined {
  let next = begin;
  return () => {
    const now = next;
    next = () => handle.outcome();
    return now();
  };
}
