import type { HostFunction, HostInstance } from "../../../component/host.ts";
import { fromU64 } from "../../../core/wait/deadline.ts";
import { andThen } from "../../../core/wait/waiting.ts";
import type { IpAddressFamily, IpSocketAddress } from "../../../machine/address.ts";
import type { WasiHost } from "../../host.ts";
import { orThrow } from "../../or-throw.ts";
import { optionMethods, udpOptions } from "../../socket-options.ts";
import { polling, waiting } from "../../waits.ts";
import { advancingFirst } from "./advancing-first.ts";
import { IncomingDatagramStream, type OutgoingDatagram, OutgoingDatagramStream } from "./datagram-streams.ts";
import type { Network } from "./network.ts";
import { UdpSocketResource } from "./udp-socket.ts";

/**
 * Makes `wasi:sockets/udp`: bind(2), connect(2), recvfrom(2), sendto(2), getsockname(2), getpeername(2). Failures are
 * thrown as `error-code`. `receive` returns an empty list, and `check-send` 0, if nothing can be done now.
 */
export function udp({ poll }: Pick<WasiHost, "poll">): HostInstance {
  const methods: Record<string, HostFunction> = {
    "[method]udp-socket.start-bind": waiting((self: UdpSocketResource, _network: Network, address: IpSocketAddress) =>
      andThen(poll.run(self.blockingStartBind(address)), orThrow),
    ),
    "[method]udp-socket.finish-bind": polling((self: UdpSocketResource) => orThrow(self.finishBind())),
    "[method]udp-socket.stream": (self: UdpSocketResource, peer: IpSocketAddress | undefined) =>
      orThrow(self.stream(peer)),
    "[method]udp-socket.local-address": (self: UdpSocketResource) => orThrow(self.socket.localAddress()),
    "[method]udp-socket.remote-address": (self: UdpSocketResource) => orThrow(self.socket.remoteAddress()),
    "[method]udp-socket.address-family": (self: UdpSocketResource) => self.socket.family,
    ...optionMethods("udp-socket", udpOptions, {
      getter: "",
      socketOf: (self: UdpSocketResource) => self.socket,
      orThrow,
    }),
    "[method]udp-socket.subscribe": (self: UdpSocketResource) => self.subscribe(),
    "[method]incoming-datagram-stream.receive": polling(
      (self: IncomingDatagramStream, max: bigint) => orThrow(self.receive(fromU64(max))),
      { isNothing: (datagrams) => Array.isArray(datagrams) && datagrams.length === 0, again: true },
    ),
    "[method]incoming-datagram-stream.subscribe": (self: IncomingDatagramStream) => self.subscribe(),
    "[method]outgoing-datagram-stream.check-send": polling((self: OutgoingDatagramStream) => BigInt(self.checkSend()), {
      isNothing: (count) => count === 0n,
      again: true,
    }),
    "[method]outgoing-datagram-stream.send": (self: OutgoingDatagramStream, datagrams: readonly OutgoingDatagram[]) =>
      BigInt(orThrow(self.send(datagrams))),
    "[method]outgoing-datagram-stream.subscribe": (self: OutgoingDatagramStream) => self.subscribe(),
  };
  return {
    "udp-socket": UdpSocketResource,
    "incoming-datagram-stream": IncomingDatagramStream,
    "outgoing-datagram-stream": OutgoingDatagramStream,
    ...advancingFirst(poll, methods),
  };
}

/**
 * Makes `wasi:sockets/udp-create-socket`, socket(2). It throws `access-denied`, `not-supported`
 * (the family), or `new-socket-limit`.
 */
export function udpCreateSocket(host: WasiHost): HostInstance {
  return { "create-udp-socket": (family: IpAddressFamily) => orThrow(UdpSocketResource.create(host, family)) };
}
