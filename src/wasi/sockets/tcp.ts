import type { IpAddressFamily, IpSocketAddress, ShutdownHow, TcpOption } from "../../adapters/contract.ts";
import type { HostFunction, HostInstance } from "../../component/host.ts";
import { fromU64 } from "../../core/deadline.ts";
import type { Network } from "../../core/network.ts";
import { type TcpConnection, TcpSocket } from "../../core/tcp-socket.ts";
import { then } from "../../core/waiting.ts";
import { draining, orThrow, type WasiHost, waiting } from "../host.ts";

type Getter = (self: TcpSocket) => unknown;

function get<T>(option: TcpOption, convert: (value: number) => T): Getter {
  return (self) => convert(orThrow(self.getOption(option)));
}

function set<T>(option: TcpOption, convert: (value: T) => number): HostFunction {
  return (self: TcpSocket, value: T) => orThrow(self.setOption(option, convert(value)));
}

function streams({ input, output }: TcpConnection): readonly [object, object] {
  return [input, output];
}

/** `wasi:sockets/tcp` */
export function tcp({ poll }: Pick<WasiHost, "poll">): HostInstance {
  const methods: Record<string, HostFunction> = {
    "[method]tcp-socket.start-bind": waiting((self: TcpSocket, _network: Network, address: IpSocketAddress) =>
      then(poll.run(self.blockingStartBind(address)), orThrow),
    ),
    "[method]tcp-socket.finish-bind": (self: TcpSocket) => orThrow(self.finishBind()),
    "[method]tcp-socket.start-connect": (self: TcpSocket, _network: Network, address: IpSocketAddress) =>
      orThrow(self.startConnect(address)),
    "[method]tcp-socket.finish-connect": (self: TcpSocket) => streams(orThrow(self.finishConnect())),
    "[method]tcp-socket.start-listen": (self: TcpSocket) => orThrow(self.startListen()),
    "[method]tcp-socket.finish-listen": (self: TcpSocket) => orThrow(self.finishListen()),
    "[method]tcp-socket.accept": (self: TcpSocket) => {
      const [socket, connection] = orThrow(self.accept());
      return [socket, ...streams(connection)];
    },
    "[method]tcp-socket.local-address": (self: TcpSocket) => orThrow(self.localAddress()),
    "[method]tcp-socket.remote-address": (self: TcpSocket) => orThrow(self.remoteAddress()),
    "[method]tcp-socket.is-listening": (self: TcpSocket) => self.isListening(),
    "[method]tcp-socket.address-family": (self: TcpSocket) => self.family,
    "[method]tcp-socket.set-listen-backlog-size": (self: TcpSocket, value: bigint) =>
      orThrow(self.setListenBacklogSize(fromU64(value))),
    "[method]tcp-socket.keep-alive-enabled": get("keep-alive-enabled", (value) => value !== 0),
    "[method]tcp-socket.set-keep-alive-enabled": set("keep-alive-enabled", (value: boolean) => (value ? 1 : 0)),
    "[method]tcp-socket.keep-alive-idle-time": get("keep-alive-idle-time", BigInt),
    "[method]tcp-socket.set-keep-alive-idle-time": set("keep-alive-idle-time", fromU64),
    "[method]tcp-socket.keep-alive-interval": get("keep-alive-interval", BigInt),
    "[method]tcp-socket.set-keep-alive-interval": set("keep-alive-interval", fromU64),
    "[method]tcp-socket.keep-alive-count": get("keep-alive-count", Number),
    "[method]tcp-socket.set-keep-alive-count": set("keep-alive-count", (value: number) => value),
    "[method]tcp-socket.hop-limit": get("hop-limit", Number),
    "[method]tcp-socket.set-hop-limit": set("hop-limit", (value: number) => value),
    "[method]tcp-socket.receive-buffer-size": get("receive-buffer-size", BigInt),
    "[method]tcp-socket.set-receive-buffer-size": set("receive-buffer-size", fromU64),
    "[method]tcp-socket.send-buffer-size": get("send-buffer-size", BigInt),
    "[method]tcp-socket.set-send-buffer-size": set("send-buffer-size", fromU64),
    "[method]tcp-socket.subscribe": (self: TcpSocket) => self.subscribe(),
    "[method]tcp-socket.shutdown": (self: TcpSocket, how: ShutdownHow | "both") => orThrow(self.shutdown(how)),
  };
  return { "tcp-socket": TcpSocket, ...draining(poll, methods) };
}

/** `wasi:sockets/tcp-create-socket` */
export function tcpCreateSocket(host: WasiHost): HostInstance {
  return { "create-tcp-socket": (family: IpAddressFamily) => orThrow(TcpSocket.create(host, family)) };
}
