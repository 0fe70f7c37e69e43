import type { HostFunction, HostInstance } from "../../../component/host.ts";
import { fromU64 } from "../../../core/wait/deadline.ts";
import { andThen } from "../../../core/wait/waiting.ts";
import type { IpAddressFamily, IpSocketAddress } from "../../../machine/address.ts";
import type { ShutdownHow } from "../../../machine/sockets.ts";
import type { WasiHost } from "../../host.ts";
import { orThrow } from "../../or-throw.ts";
import { optionMethods, tcpOptions } from "../../socket-options.ts";
import { polling, waiting } from "../../waits.ts";
import { advancingFirst } from "./advancing-first.ts";
import type { Network } from "./network.ts";
import { type TcpConnection, TcpSocketResource } from "./tcp-socket.ts";

function streams({ input, output }: TcpConnection): readonly [object, object] {
  return [input, output];
}

/**
 * Makes `wasi:sockets/tcp`: bind(2), connect(2), listen(2), accept(2), shutdown(2), getsockname(2), getpeername(2).
 * Failures are thrown as `error-code`; finish-* and accept throw `would-block` if nothing has happened yet.
 */
export function tcp({ poll }: Pick<WasiHost, "poll">): HostInstance {
  const methods: Record<string, HostFunction> = {
    "[method]tcp-socket.start-bind": waiting((self: TcpSocketResource, _network: Network, address: IpSocketAddress) =>
      andThen(poll.run(self.blockingStartBind(address)), orThrow),
    ),
    "[method]tcp-socket.finish-bind": polling((self: TcpSocketResource) => orThrow(self.finishBind())),
    "[method]tcp-socket.start-connect": (self: TcpSocketResource, _network: Network, address: IpSocketAddress) =>
      orThrow(self.startConnect(address)),
    "[method]tcp-socket.finish-connect": polling((self: TcpSocketResource) => streams(orThrow(self.finishConnect()))),
    "[method]tcp-socket.start-listen": (self: TcpSocketResource) => orThrow(self.startListen()),
    "[method]tcp-socket.finish-listen": polling((self: TcpSocketResource) => orThrow(self.finishListen())),
    "[method]tcp-socket.accept": polling((self: TcpSocketResource) => {
      const [socket, connection] = orThrow(self.accept());
      return [socket, ...streams(connection)];
    }),
    "[method]tcp-socket.local-address": (self: TcpSocketResource) => orThrow(self.socket.localAddress()),
    "[method]tcp-socket.remote-address": (self: TcpSocketResource) => orThrow(self.socket.remoteAddress()),
    "[method]tcp-socket.is-listening": (self: TcpSocketResource) => self.socket.isListening(),
    "[method]tcp-socket.address-family": (self: TcpSocketResource) => self.socket.family,
    "[method]tcp-socket.set-listen-backlog-size": (self: TcpSocketResource, value: bigint) =>
      orThrow(self.socket.setListenBacklogSize(fromU64(value))),
    ...optionMethods("tcp-socket", tcpOptions, {
      getter: "",
      socketOf: (self: TcpSocketResource) => self.socket,
      orThrow,
    }),
    "[method]tcp-socket.subscribe": (self: TcpSocketResource) => self.subscribe(),
    "[method]tcp-socket.shutdown": (self: TcpSocketResource, how: ShutdownHow | "both") => orThrow(self.shutdown(how)),
  };
  return { "tcp-socket": TcpSocketResource, ...advancingFirst(poll, methods) };
}

/**
 * Makes `wasi:sockets/tcp-create-socket`, socket(2). It throws `access-denied`, `not-supported`
 * (the family), or `new-socket-limit`.
 */
export function tcpCreateSocket(host: WasiHost): HostInstance {
  return { "create-tcp-socket": (family: IpAddressFamily) => orThrow(TcpSocketResource.create(host, family)) };
}
