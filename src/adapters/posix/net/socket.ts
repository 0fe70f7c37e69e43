import type { IpAddressFamily, IpSocketAddress } from "../../../machine/address.ts";
import type { ErrorCode } from "../../../machine/error-code.ts";
import { decodeAddress, encodeAddress } from "./address.ts";
import type { NetContext } from "./net-context.ts";

/** The calls that TCP and UDP sockets share, on a bare fd. A failure is an error-code. */

/** socket(2). IPv6 sockets are always v6-only (ipv6(7)). */
export function openSocket(context: NetContext, family: IpAddressFamily, type: number): number | ErrorCode {
  const { sys, sockets, codes, os, descriptors } = context;
  const { AF_INET, AF_INET6, IPPROTO_IPV6, IPV6_V6ONLY } = os.constants;
  if (!descriptors.hasRoom) return "new-socket-limit";
  const fd = sockets.socket(family === "ipv4" ? AF_INET : AF_INET6, type);
  if (fd < 0) return codes.of(fd);
  descriptors.opened(fd);
  if (family === "ipv6") {
    const failure = setIntOption(context, fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    if (failure !== undefined) {
      sys.close(fd);
      return failure;
    }
  }
  return fd;
}

export function bindSocket(context: NetContext, fd: number, address: IpSocketAddress): ErrorCode | undefined {
  const { sockets, codes, sockaddr, os } = context;
  const result = sockets.bind(fd, sockaddr.pointer, encodeAddress(address, sockaddr.view, os));
  return result < 0 ? codes.ofAddressCall(result) : undefined;
}

export function localAddress(context: NetContext, fd: number): IpSocketAddress | ErrorCode {
  const { sockets, sockaddr, socklen } = context;
  socklen.view.setUint32(0, sockaddr.bytes.length, true);
  return answeredAddress(context, sockets.getsockname(fd, sockaddr.pointer, socklen.pointer));
}

export function remoteAddress(context: NetContext, fd: number): IpSocketAddress | ErrorCode {
  const { sockets, sockaddr, socklen } = context;
  socklen.view.setUint32(0, sockaddr.bytes.length, true);
  return answeredAddress(context, sockets.getpeername(fd, sockaddr.pointer, socklen.pointer));
}

function answeredAddress(context: NetContext, result: number): IpSocketAddress | ErrorCode {
  if (result < 0) return context.codes.of(result);
  return decodeAddress(context.sockaddr.view, context.os) ?? "unknown";
}

/** Reads an option that is a C int. */
export function getIntOption(context: NetContext, fd: number, level: number, name: number): number | ErrorCode {
  const { sockets, codes, option, socklen } = context;
  socklen.view.setUint32(0, 4, true);
  const result = sockets.getsockopt(fd, level, name, option.pointer, socklen.pointer);
  return result < 0 ? codes.of(result) : option.view.getInt32(0, true);
}

export function setIntOption(
  context: NetContext,
  fd: number,
  level: number,
  name: number,
  value: number,
): ErrorCode | undefined {
  const { sockets, codes, option } = context;
  option.view.setInt32(0, value, true);
  const result = sockets.setsockopt(fd, level, name, option.pointer, 4);
  return result < 0 ? codes.of(result) : undefined;
}

/** Sets SO_LINGER to 0 s: close(2) then discards what is queued and sends a reset. */
export function resetOnClose({ sockets, os, option }: NetContext, fd: number): void {
  const { SOL_SOCKET, SO_LINGER } = os.constants;
  // struct linger { int l_onoff; int l_linger; }
  option.view.setInt32(0, 1, true);
  option.view.setInt32(4, 0, true);
  sockets.setsockopt(fd, SOL_SOCKET, SO_LINGER, option.pointer, 8);
}
