import { NEVER } from "../core/wait/deadline.ts";
import type { IpSocketAddress } from "../machine/address.ts";
import { socketAddressOf } from "../machine/ip.ts";
import type { Endpoint } from "./address.ts";
import { ErrDeadlineExceeded, type Operation, SocketError } from "./errors.ts";
import { type CallLimits, Fd } from "./fd.ts";
import type { Scheduler } from "./scheduler.ts";

/** The least time for one of several addresses, ns: a slow one must have a chance, as in Go. */
const MIN_SHARE_NS = 2e9;

/**
 * Resolves the endpoint's name, if it is one, and tries its addresses in the resolver's order. Returns the result of
 * the first `attempt` that succeeds. Each address gets its share of the remaining time.
 *
 * @throws the first address's error, if all fail
 */
export async function tryAddresses<T>(
  scheduler: Scheduler,
  operation: Operation,
  endpoint: Endpoint,
  limits: CallLimits,
  attempt: (address: IpSocketAddress, limits: CallLimits) => Promise<T>,
): Promise<T> {
  const addresses = await resolve(scheduler, operation, endpoint, limits);
  let failure: unknown;
  for (const [i, address] of addresses.entries()) {
    try {
      const share = shareOf(limits.deadline, scheduler.now(), addresses.length - i);
      return await attempt(address, { ...limits, deadline: share });
    } catch (error) {
      if (!(error instanceof SocketError || error instanceof ErrDeadlineExceeded)) throw error;
      failure ??= error;
    }
  }
  throw failure;
}

function shareOf(deadline: number, now: number, addresses: number): number {
  if (deadline === NEVER || deadline <= now) return deadline;
  return Math.min(deadline, now + Math.max((deadline - now) / addresses, MIN_SHARE_NS));
}

/** Returns at least one address. */
async function resolve(
  scheduler: Scheduler,
  operation: Operation,
  { host, port, text }: Endpoint,
  limits: CallLimits,
): Promise<readonly IpSocketAddress[]> {
  if (host.tag === "address") return [socketAddressOf(host.address, port)];
  const lookup = scheduler.netpoll.machine.net.lookup(host.name);
  if (typeof lookup === "string") throw new SocketError(operation, text, lookup);
  const fd = new Fd(scheduler, { kind: "net", name: text, source: lookup.source, destroy: () => lookup.close() });
  try {
    const ips = await fd.callWithin(limits, operation, fd.reading, () => lookup.addresses());
    if (ips.length === 0) throw new SocketError(operation, text, "name-unresolvable");
    return ips.map((ip) => socketAddressOf(ip, port));
  } finally {
    await fd.close();
  }
}
