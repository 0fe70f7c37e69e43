import type { IpAddressFamily, IpSocketAddress, UdpOption } from "../../adapters/contract.ts";
import { type HostFunction, type HostInstance, mayWait } from "../../component/host.ts";
import { IncomingDatagramStream, type OutgoingDatagram, OutgoingDatagramStream } from "../../core/datagram-streams.ts";
import { fromU64 } from "../../core/deadline.ts";
import type { Network } from "../../core/network.ts";
import { UdpSocket } from "../../core/udp-socket.ts";
import { then } from "../../core/waiting.ts";
import { draining, orThrow, type WasiHost, waiting } from "../host.ts";

// Dropping one waits until its last datagram is out.
Object.assign(OutgoingDatagramStream, { [mayWait]: true });

function get<T>(option: UdpOption, convert: (value: number) => T): HostFunction {
  return (self: UdpSocket) => convert(orThrow(self.getOption(option)));
}

function set<T>(option: UdpOption, convert: (value: T) => number): HostFunction {
  return (self: UdpSocket, value: T) => orThrow(self.setOption(option, convert(value)));
}

/** `wasi:sockets/udp` */
export function udp({ poll }: Pick<WasiHost, "poll">): HostInstance {
  const methods: Record<string, HostFunction> = {
    "[method]udp-socket.start-bind": waiting((self: UdpSocket, _network: Network, address: IpSocketAddress) =>
      then(poll.run(self.blockingStartBind(address)), orThrow),
    ),
    "[method]udp-socket.finish-bind": (self: UdpSocket) => orThrow(self.finishBind()),
    "[method]udp-socket.stream": (self: UdpSocket, peer: IpSocketAddress | undefined) => orThrow(self.stream(peer)),
    "[method]udp-socket.local-address": (self: UdpSocket) => orThrow(self.localAddress()),
    "[method]udp-socket.remote-address": (self: UdpSocket) => orThrow(self.remoteAddress()),
    "[method]udp-socket.address-family": (self: UdpSocket) => self.family,
    "[method]udp-socket.unicast-hop-limit": get("unicast-hop-limit", Number),
    "[method]udp-socket.set-unicast-hop-limit": set("unicast-hop-limit", (value: number) => value),
    "[method]udp-socket.receive-buffer-size": get("receive-buffer-size", BigInt),
    "[method]udp-socket.set-receive-buffer-size": set("receive-buffer-size", fromU64),
    "[method]udp-socket.send-buffer-size": get("send-buffer-size", BigInt),
    "[method]udp-socket.set-send-buffer-size": set("send-buffer-size", fromU64),
    "[method]udp-socket.subscribe": (self: UdpSocket) => self.subscribe(),
    "[method]incoming-datagram-stream.receive": (self: IncomingDatagramStream, max: bigint) =>
      orThrow(self.receive(fromU64(max))),
    "[method]incoming-datagram-stream.subscribe": (self: IncomingDatagramStream) => self.subscribe(),
    "[method]outgoing-datagram-stream.check-send": (self: OutgoingDatagramStream) => BigInt(self.checkSend()),
    "[method]outgoing-datagram-stream.send": (self: OutgoingDatagramStream, datagrams: readonly OutgoingDatagram[]) =>
      BigInt(orThrow(self.send(datagrams))),
    "[method]outgoing-datagram-stream.subscribe": (self: OutgoingDatagramStream) => self.subscribe(),
  };
  return {
    "udp-socket": UdpSocket,
    "incoming-datagram-stream": IncomingDatagramStream,
    "outgoing-datagram-stream": OutgoingDatagramStream,
    ...draining(poll, methods),
  };
}

/** `wasi:sockets/udp-create-socket` */
export function udpCreateSocket(host: WasiHost): HostInstance {
  return { "create-udp-socket": (family: IpAddressFamily) => orThrow(UdpSocket.create(host, family)) };
}
