import { NEVER } from "../core/wait/deadline.ts";
import type { IpSocketAddress } from "../machine/address.ts";
import { formatSocketAddress } from "../machine/ip.ts";
import { Address, type AddressLike, parseAddress } from "./address.ts";
import { tryAddresses } from "./endpoints.ts";
import { SocketError } from "./errors.ts";
import { Fd } from "./fd.ts";
import { Listener } from "./listener.ts";
import type { Scheduler } from "./scheduler.ts";
import { begun, createSocket } from "./socket.ts";

/** The accept backlog; the kernel's own limit (net.core.somaxconn) is usually the same. */
const BACKLOG = 4096;

/**
 * Listens on an address of this machine. Port 0 lets the system choose. For a name it uses the first address that can
 * be listened on.
 *
 * @throws AddressError; SocketError `address-in-use`, `address-not-bindable` and the like
 */
export async function listen(scheduler: Scheduler, address: AddressLike): Promise<Listener> {
  const endpoint = parseAddress("listen", address);
  const limits = { deadline: NEVER, signal: undefined };
  return await tryAddresses(scheduler, "listen", endpoint, limits, (each) => listenOn(scheduler, each));
}

async function listenOn(scheduler: Scheduler, address: IpSocketAddress): Promise<Listener> {
  const handle = createSocket(scheduler, "listen", address);
  const name = formatSocketAddress(address);
  const fd = new Fd(scheduler, { kind: "net", name, source: handle.source, destroy: () => handle.close() });
  const bind = begun(handle, () => handle.bind(address));
  try {
    await fd.call("listen", fd.writing, bind);
    await fd.call("listen", fd.writing, () => handle.listen(BACKLOG));
    const local = handle.localAddress();
    if (typeof local === "string") throw new SocketError("listen", name, local);
    const localAddress = new Address(local);
    fd.name = `${localAddress}`;
    return new Listener(scheduler, fd, handle, localAddress);
  } catch (error) {
    await fd.close();
    throw error;
  }
}
