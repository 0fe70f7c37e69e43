import type { ErrorCode } from "../../../machine/error-code.ts";
import type { TcpHandle } from "../../../machine/sockets.ts";
import type { NetContext } from "./net-context.ts";
import { getIntOption, localAddress } from "./socket.ts";
import { PosixTcpSocket, sendAtOnce } from "./tcp.ts";
import { AdoptedUnixListener, unixPathOf } from "./unix.ts";

/**
 * Wraps a listening socket of another process. Makes it non-blocking, for everyone that shares it, and close-on-exec.
 * Fails with invalid-argument if it does not listen.
 */
export function adoptListener(context: NetContext, fd: number): TcpHandle | ErrorCode {
  if (!listens(context, fd)) return "invalid-argument";
  const made = unixListener(context, fd) ?? tcpListener(context, fd);
  if (typeof made === "string") return made;
  const { sockets, codes } = context;
  const result = sockets.adopt(fd);
  if (result < 0) return codes.of(result);
  made.source.shared = true;
  return made;
}

function listens(context: NetContext, fd: number): boolean {
  const { SOL_SOCKET, SO_ACCEPTCONN, SO_TYPE, SOCK_STREAM } = context.os.constants;
  return (
    getIntOption(context, fd, SOL_SOCKET, SO_ACCEPTCONN) === 1 &&
    getIntOption(context, fd, SOL_SOCKET, SO_TYPE) === SOCK_STREAM
  );
}

function unixListener(context: NetContext, fd: number): PosixTcpSocket | undefined {
  const path = unixPathOf(context, fd);
  return path === undefined ? undefined : new AdoptedUnixListener(context, fd, path);
}

function tcpListener(context: NetContext, fd: number): PosixTcpSocket | ErrorCode {
  const address = localAddress(context, fd);
  if (typeof address === "string") return "invalid-argument";
  sendAtOnce(context, fd);
  return new PosixTcpSocket(context, fd, address.tag);
}
