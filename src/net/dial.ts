import type { IpSocketAddress } from "../machine/address.ts";
import { formatSocketAddress } from "../machine/ip.ts";
import { type AddressLike, parseAddress } from "./address.ts";
import type { Conn } from "./conn.ts";
import { fromTimeout } from "./deadline.ts";
import { tryAddresses } from "./endpoints.ts";
import { SocketError } from "./errors.ts";
import type { CallLimits } from "./fd.ts";
import type { Scheduler } from "./scheduler.ts";
import { begun, connFd, connOf, createSocket } from "./socket.ts";

/** Options of `dial`. */
export interface DialOptions {
  /** Aborts the dial with the signal's reason. It does not affect a connection that was made. */
  readonly signal?: AbortSignal;
  /** The time for the whole dial, look-up included, ms; then it throws ErrDeadlineExceeded. Default: no limit. */
  readonly timeout?: number;
}

/**
 * Connects to an address. The addresses of a name are tried in turn.
 *
 * @throws AddressError; SocketError `connection-refused`, `name-unresolvable` and the like; ErrDeadlineExceeded; the
 * signal's reason
 */
export async function dial(scheduler: Scheduler, address: AddressLike, options: DialOptions = {}): Promise<Conn> {
  const endpoint = parseAddress("dial", address);
  const { signal } = options;
  signal?.throwIfAborted();
  const limits = { deadline: fromTimeout(options.timeout, scheduler.now()), signal };
  return await tryAddresses(scheduler, "dial", endpoint, limits, (each, within) => connect(scheduler, each, within));
}

async function connect(scheduler: Scheduler, address: IpSocketAddress, limits: CallLimits): Promise<Conn> {
  const handle = createSocket(scheduler, "dial", address);
  const name = formatSocketAddress(address);
  const fd = connFd(scheduler, handle, name);
  const attempt = begun(handle, () => handle.connect(address));
  try {
    await fd.callWithin(limits, "dial", fd.writing, attempt);
    const conn = connOf(scheduler, handle, fd);
    if (typeof conn === "string") throw new SocketError("dial", name, conn);
    return conn;
  } catch (error) {
    await fd.close();
    throw error;
  }
}
