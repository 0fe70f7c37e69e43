import type { HostInstance } from "../../../component/host.ts";
import type { ReceivedDatagram } from "../../../core/sockets/datagrams.ts";
import { UdpSocket } from "../../../core/sockets/udp-socket.ts";
import { type Blocking, retried } from "../../../core/wait/poll.ts";
import type { IpAddressFamily, IpSocketAddress } from "../../../machine/address.ts";
import type { WasiHost } from "../../host.ts";
import { optionMethods, udpOptions } from "../../socket-options.ts";
import { waiting } from "../../waits.ts";
import { bindSocket } from "./bind-socket.ts";
import { orThrow } from "./error-code.ts";

type Datagram = readonly [Uint8Array, IpSocketAddress];

/** Binds the socket if it is not bound. Also waits for a bind that another call began. */
function* bindImplicitly(self: UdpSocket): Blocking<void> {
  orThrow(self.bindImplicitly());
  orThrow(yield* self.ended());
}

function* connect(self: UdpSocket, peer: IpSocketAddress): Blocking<void> {
  // Checked first: nothing is bound for a peer that the policy denies.
  orThrow(self.refusal(peer));
  yield* bindImplicitly(self);
  orThrow(self.connect(peer));
}

function disconnect(self: UdpSocket): void {
  orThrow(self.peer === undefined ? "invalid-state" : self.disconnect());
}

/** Sends to the peer that the socket has when it is called, however long it waits for room. */
function* send(self: UdpSocket, data: Uint8Array, remoteAddress: IpSocketAddress | undefined): Blocking<void> {
  const sender = self.sender();
  orThrow(sender.refusal(data, remoteAddress));
  yield* bindImplicitly(self);
  orThrow(yield* retried(() => sender.send(data, remoteAddress), self.sendable));
}

/** Returns a datagram that is there without waiting. */
function receive(self: UdpSocket): Datagram | Blocking<Datagram> {
  const received = self.receive();
  return received === "would-block" ? receiveLater(self) : tuple(orThrow(received));
}

/** Waits for a datagram. Another waiting call may take the one that made the socket ready. */
function* receiveLater(self: UdpSocket): Blocking<Datagram> {
  for (;;) {
    yield self.receivable;
    const received = self.receive();
    if (received !== "would-block") return tuple(orThrow(received));
  }
}

function tuple({ data, remoteAddress }: ReceivedDatagram): Datagram {
  return [data, remoteAddress];
}

/**
 * Makes `wasi:sockets/types.udp-socket`: bind(2), connect(2), sendto(2), recvfrom(2), getsockname(2), getpeername(2).
 * The states are those of `UdpSocket`. Failures are thrown as `error-code`.
 */
export function udpSocket(host: WasiHost): HostInstance {
  const { poll } = host;
  return {
    "udp-socket": UdpSocket,
    "[static]udp-socket.create": (family: IpAddressFamily) => orThrow(UdpSocket.create(host, family)),
    "[method]udp-socket.bind": waiting((self: UdpSocket, address: IpSocketAddress) =>
      poll.run(bindSocket(self, address)),
    ),
    "[method]udp-socket.connect": waiting((self: UdpSocket, peer: IpSocketAddress) => poll.run(connect(self, peer))),
    "[method]udp-socket.disconnect": disconnect,
    "[method]udp-socket.send": send,
    "[method]udp-socket.receive": receive,
    "[method]udp-socket.get-local-address": (self: UdpSocket) => orThrow(self.localAddress()),
    "[method]udp-socket.get-remote-address": (self: UdpSocket) => orThrow(self.remoteAddress()),
    "[method]udp-socket.get-address-family": (self: UdpSocket) => self.family,
    ...optionMethods("udp-socket", udpOptions, { getter: "get-", socketOf: (self: UdpSocket) => self, orThrow }),
  };
}
