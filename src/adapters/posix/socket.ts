import type { ErrorCode, IpAddressFamily, IpSocketAddress } from "../contract.ts";
import { decodeAddress, encodeAddress } from "./address.ts";
import type { Context } from "./context.ts";

/** The calls that TCP and UDP sockets share, on a bare fd. Failures are error-codes. */

/** socket(2); IPv6 sockets are v6-only (ipv6(7)), always. */
export function openSocket(context: Context, family: IpAddressFamily, type: number): number | ErrorCode {
  const { sys, codes, os } = context;
  const { AF_INET, AF_INET6, IPPROTO_IPV6, IPV6_V6ONLY } = os.constants;
  const fd = sys.socket(family === "ipv4" ? AF_INET : AF_INET6, type);
  if (fd < 0) return codes.of(fd);
  if (family === "ipv6") {
    const failure = setIntOption(context, fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    if (failure !== undefined) {
      sys.close(fd);
      return failure;
    }
  }
  return fd;
}

export function bindSocket(context: Context, fd: number, address: IpSocketAddress): ErrorCode | undefined {
  const { sys, codes, sockaddr, os } = context;
  const result = sys.bind(fd, sockaddr.pointer, encodeAddress(address, sockaddr.view, os));
  return result < 0 ? codes.ofAddressCall(result) : undefined;
}

export function localAddress(context: Context, fd: number): IpSocketAddress | ErrorCode {
  const { sys, sockaddr, socklen } = context;
  socklen.view.setUint32(0, sockaddr.bytes.length, true);
  return answeredAddress(context, sys.getsockname(fd, sockaddr.pointer, socklen.pointer));
}

export function remoteAddress(context: Context, fd: number): IpSocketAddress | ErrorCode {
  const { sys, sockaddr, socklen } = context;
  socklen.view.setUint32(0, sockaddr.bytes.length, true);
  return answeredAddress(context, sys.getpeername(fd, sockaddr.pointer, socklen.pointer));
}

function answeredAddress(context: Context, result: number): IpSocketAddress | ErrorCode {
  if (result < 0) return context.codes.of(result);
  return decodeAddress(context.sockaddr.view, context.os) ?? "unknown";
}

/** An option that is a C int. */
export function getIntOption(context: Context, fd: number, level: number, name: number): number | ErrorCode {
  const { sys, codes, option, socklen } = context;
  socklen.view.setUint32(0, 4, true);
  const result = sys.getsockopt(fd, level, name, option.pointer, socklen.pointer);
  return result < 0 ? codes.of(result) : option.view.getInt32(0, true);
}

export function setIntOption(
  context: Context,
  fd: number,
  level: number,
  name: number,
  value: number,
): ErrorCode | undefined {
  const { sys, codes, option } = context;
  option.view.setInt32(0, value, true);
  const result = sys.setsockopt(fd, level, name, option.pointer, 4);
  return result < 0 ? codes.of(result) : undefined;
}

/** SO_LINGER of 0 s: close(2) then drops what is queued and sends a reset. */
export function resetOnClose({ sys, os, option }: Context, fd: number): void {
  const { SOL_SOCKET, SO_LINGER } = os.constants;
  // struct linger { int l_onoff; int l_linger; }
  option.view.setInt32(0, 1, true);
  option.view.setInt32(4, 0, true);
  sys.setsockopt(fd, SOL_SOCKET, SO_LINGER, option.pointer, 8);
}
