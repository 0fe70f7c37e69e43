import type { HostFunction } from "../component/host.ts";
import { fromU64 } from "../core/wait/deadline.ts";
import type { ErrorCode } from "../machine/error-code.ts";
import type { TcpOption, UdpOption } from "../machine/sockets.ts";

/** Converts an option's value between the machine's number (machine/sockets.ts) and WIT's type. */
interface Conversion {
  readonly get: (number: number) => unknown;
  readonly set: (value: never) => number;
}

const flag: Conversion = { get: (number) => number !== 0, set: (value: boolean) => (value ? 1 : 0) };
const u64: Conversion = { get: BigInt, set: fromU64 };
const small: Conversion = { get: (number) => number, set: (value: number) => value };

export const tcpOptions: Readonly<Record<TcpOption, Conversion>> = {
  "keep-alive-enabled": flag,
  "keep-alive-idle-time": u64,
  "keep-alive-interval": u64,
  "keep-alive-count": small,
  "hop-limit": small,
  "receive-buffer-size": u64,
  "send-buffer-size": u64,
};

export const udpOptions: Readonly<Record<UdpOption, Conversion>> = {
  "unicast-hop-limit": small,
  "receive-buffer-size": u64,
  "send-buffer-size": u64,
};

interface Socket<Option> {
  getOption(option: Option): number | ErrorCode;
  setOption(option: Option, value: number): ErrorCode | undefined;
}

/** The parts in which the versions of WASI differ. */
interface Version<Self, Option> {
  /** The prefix of getters: empty, or `get-`. */
  readonly getter: string;
  readonly socketOf: (self: Self) => Socket<Option>;
  readonly orThrow: <T>(result: T) => Exclude<T, string>;
}

/**
 * Makes the getters and setters of a socket resource, getsockopt(2) and setsockopt(2). Times are ns, sizes bytes. A
 * failure is thrown as the version's `error-code`.
 *
 * @param resource such as `tcp-socket`
 */
export function optionMethods<Self, Option extends string>(
  resource: string,
  options: Readonly<Record<Option, Conversion>>,
  { getter, socketOf, orThrow }: Version<Self, Option>,
): Record<string, HostFunction> {
  const methods: Record<string, HostFunction> = {};
  for (const option of Object.keys(options) as Option[]) {
    const { get, set } = options[option];
    methods[`[method]${resource}.${getter}${option}`] = (self: Self) => get(orThrow(socketOf(self).getOption(option)));
    methods[`[method]${resource}.set-${option}`] = (self: Self, value: never) =>
      orThrow(socketOf(self).setOption(option, set(value)));
  }
  return methods;
}
