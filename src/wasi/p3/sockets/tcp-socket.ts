import type { HostInstance } from "../../../component/host.ts";
import { type ByteProducer, HostFuture, type ReadableBytes } from "../../../component/streams.ts";
import { TcpSocket } from "../../../core/sockets/tcp-socket.ts";
import { fromU64 } from "../../../core/wait/deadline.ts";
import type { Blocking } from "../../../core/wait/poll.ts";
import type { IpAddressFamily, IpSocketAddress } from "../../../machine/address.ts";
import { unspecifiedAddress } from "../../../machine/ip.ts";
import { closedProducer } from "../../closed-producer.ts";
import type { WasiHost } from "../../host.ts";
import { optionMethods, tcpOptions } from "../../socket-options.ts";
import { type ErrorPayload, failure, type StreamResult } from "../../stream-result.ts";
import { waiting } from "../../waits.ts";
import { bindSocket } from "./bind-socket.ts";
import { orThrow, socketError } from "./error-code.ts";
import { ListenProducer, ReceiveProducer, SendConsumer } from "./tcp-streams.ts";

type SocketFuture = HostFuture<StreamResult<ErrorPayload>>;

function* connect(self: TcpSocket, address: IpSocketAddress): Blocking<void> {
  orThrow(self.connect(address));
  orThrow(yield* self.ended());
}

/**
 * Makes `wasi:sockets/types.tcp-socket`: bind(2), connect(2), listen(2), getsockname(2), getpeername(2). The states are
 * those of `TcpSocket`. A socket that listens without being bound is bound first, to a port that the system chooses.
 * The socket lives as long as its handle or any of its streams. Failures are thrown as `error-code`, or resolve the
 * stream's future.
 */
export function tcpSocket(host: WasiHost): HostInstance {
  const { poll, machine } = host;

  function* listen(self: TcpSocket): Blocking<ListenProducer> {
    if (self.isUnbound) yield* bindSocket(self, unspecifiedAddress(self.family));
    orThrow(self.listen());
    self.watchConnections();
    return new ListenProducer(host, self);
  }

  function send(self: TcpSocket, data: ReadableBytes): SocketFuture {
    const direction = self.take("send");
    if (typeof direction === "string") {
      data.drop();
      return HostFuture.of(failure(socketError(direction)));
    }
    const consumer = new SendConsumer(self, direction);
    data.pipe(consumer);
    return consumer.over;
  }

  function receive(self: TcpSocket): readonly [ByteProducer, SocketFuture] {
    const direction = self.take("receive");
    if (typeof direction === "string")
      return [closedProducer(machine.buffer), HostFuture.of(failure(socketError(direction)))];
    const producer = new ReceiveProducer(machine.buffer, self, direction);
    return [producer, producer.end];
  }

  return {
    "tcp-socket": TcpSocket,
    "[static]tcp-socket.create": (family: IpAddressFamily) => orThrow(TcpSocket.create(host, family)),
    "[method]tcp-socket.bind": waiting((self: TcpSocket, address: IpSocketAddress) =>
      poll.run(bindSocket(self, address)),
    ),
    "[method]tcp-socket.connect": connect,
    "[method]tcp-socket.listen": waiting((self: TcpSocket) => poll.run(listen(self))),
    "[method]tcp-socket.send": send,
    "[method]tcp-socket.receive": receive,
    "[method]tcp-socket.get-local-address": (self: TcpSocket) => orThrow(self.localAddress()),
    "[method]tcp-socket.get-remote-address": (self: TcpSocket) => orThrow(self.remoteAddress()),
    "[method]tcp-socket.get-is-listening": (self: TcpSocket) => self.isListening(),
    "[method]tcp-socket.get-address-family": (self: TcpSocket) => self.family,
    "[method]tcp-socket.set-listen-backlog-size": (self: TcpSocket, value: bigint) =>
      orThrow(self.setListenBacklogSize(fromU64(value))),
    ...optionMethods("tcp-socket", tcpOptions, { getter: "get-", socketOf: (self: TcpSocket) => self, orThrow }),
  };
}
