import type { IpAddressFamily } from "../../../machine/address.ts";
import type { ErrorCode } from "../../../machine/error-code.ts";
import type { TcpOption, UdpOption } from "../../../machine/sockets.ts";
import type { Constants } from "../libc/os.ts";
import type { NetContext } from "./net-context.ts";
import { getIntOption, setIntOption } from "./socket.ts";

const NS_PER_S = 1e9;

/** getsockopt(2): booleans are 0 and 1, durations ns, sizes bytes. */
export function getOption(
  context: NetContext,
  fd: number,
  family: IpAddressFamily,
  option: TcpOption | UdpOption,
): number | ErrorCode {
  const { level, name, kind } = locate(context.os.constants, family, option);
  const value = getIntOption(context, fd, level, name);
  if (typeof value === "string") return value;
  switch (kind) {
    case "count":
      return value;
    case "boolean":
      return value === 0 ? 0 : 1;
    case "duration":
      return value * NS_PER_S;
    case "size":
      return value / context.os.bufferSizeFactor;
  }
}

/** setsockopt(2): durations are rounded up to whole seconds, the kernel's unit. */
export function setOption(
  context: NetContext,
  fd: number,
  family: IpAddressFamily,
  option: TcpOption | UdpOption,
  value: number,
): ErrorCode | undefined {
  const { level, name, kind } = locate(context.os.constants, family, option);
  const failure = setIntOption(context, fd, level, name, kind === "duration" ? Math.ceil(value / NS_PER_S) : value);
  // ENOBUFS means that the size exceeds the system's maximum. That is no failure, as a size is a hint.
  return kind === "size" && failure === "out-of-memory" ? undefined : failure;
}

interface Location {
  readonly level: number;
  readonly name: number;
  readonly kind: "boolean" | "duration" | "count" | "size";
}

/** Returns the level and name of an option: socket(7), tcp(7), ip(7), ipv6(7). */
function locate(c: Constants, family: IpAddressFamily, option: TcpOption | UdpOption): Location {
  switch (option) {
    case "keep-alive-enabled":
      return { level: c.SOL_SOCKET, name: c.SO_KEEPALIVE, kind: "boolean" };
    case "keep-alive-idle-time":
      return { level: c.IPPROTO_TCP, name: c.TCP_KEEPIDLE, kind: "duration" };
    case "keep-alive-interval":
      return { level: c.IPPROTO_TCP, name: c.TCP_KEEPINTVL, kind: "duration" };
    case "keep-alive-count":
      return { level: c.IPPROTO_TCP, name: c.TCP_KEEPCNT, kind: "count" };
    case "hop-limit":
    case "unicast-hop-limit":
      return family === "ipv4"
        ? { level: c.IPPROTO_IP, name: c.IP_TTL, kind: "count" }
        : { level: c.IPPROTO_IPV6, name: c.IPV6_UNICAST_HOPS, kind: "count" };
    case "receive-buffer-size":
      return { level: c.SOL_SOCKET, name: c.SO_RCVBUF, kind: "size" };
    case "send-buffer-size":
      return { level: c.SOL_SOCKET, name: c.SO_SNDBUF, kind: "size" };
  }
}
