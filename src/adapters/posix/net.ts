import type { Selector } from "../../machine/selector.ts";
import type { Net } from "../../machine/sockets.ts";
import type { PosixContext } from "./libc/context.ts";
import { openResolver, type Resolver } from "./lookup/resolver.ts";
import { adoptListener } from "./net/adopt.ts";
import { InheritedListeners } from "./net/inherited-listeners.ts";
import { createNetContext } from "./net/net-context.ts";
import { createTcpSocket } from "./net/tcp.ts";
import { createUdpSocket } from "./net/udp.ts";
import { listenUnix } from "./net/unix.ts";

/** Makes sockets over libc. @param forced as `MachineOptions.resolver` */
export async function createNet(
  base: PosixContext,
  selector: Selector,
  forced: "async" | "blocking" | undefined,
): Promise<Net> {
  const context = await createNetContext(base, selector);
  let resolver: Resolver | undefined;
  let kept: InheritedListeners | undefined;
  return {
    createTcpSocket: (family) => kept?.createTcpSocket(family) ?? createTcpSocket(context, family),
    createUdpSocket: (family) => createUdpSocket(context, family),
    adoptListener: (fd) => adoptListener(context, fd),
    listenUnix: (path, backlog) => listenUnix(context, path, backlog),
    inheritListeners(fds) {
      kept = new InheritedListeners(context, fds);
    },
    lookup(name) {
      resolver ??= openResolver(context, forced);
      return resolver.lookup(name);
    },
  };
}
