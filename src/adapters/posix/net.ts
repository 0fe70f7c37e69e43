import type { Net, Selector } from "../contract.ts";
import type { Context } from "./context.ts";
import { KeptListeners } from "./kept-listeners.ts";
import { createNetContext } from "./net-context.ts";
import { openResolver, type Resolver } from "./resolver.ts";
import { adoptListener, createTcpSocket } from "./tcp.ts";
import { createUdpSocket } from "./udp.ts";

/** Sockets over libc. @param forced as `MachineOptions.resolver` */
export async function createNet(
  base: Context,
  selector: Selector,
  forced: "async" | "blocking" | undefined,
): Promise<Net> {
  const context = await createNetContext(base, selector);
  let resolver: Resolver | undefined;
  let kept: KeptListeners | undefined;
  return {
    createTcpSocket: (family) => kept?.createTcpSocket(family) ?? createTcpSocket(context, family),
    createUdpSocket: (family) => createUdpSocket(context, family),
    adoptListener: (fd) => adoptListener(context, fd),
    keepListeners(fds) {
      kept = new KeptListeners(context, fds);
    },
    lookup(name) {
      resolver ??= openResolver(context, forced);
      return resolver.lookup(name);
    },
  };
}
