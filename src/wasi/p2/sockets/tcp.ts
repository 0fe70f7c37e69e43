import type { HostFunction, HostInstance } from "../../../component/host.ts";
import { fromU64 } from "../../../core/wait/deadline.ts";
import { then } from "../../../core/wait/waiting.ts";
import type { IpAddressFamily, IpSocketAddress } from "../../../machine/address.ts";
import type { ShutdownHow, TcpOption } from "../../../machine/sockets.ts";
import type { WasiHost } from "../../host.ts";
import { waiting } from "../../may-wait.ts";
import { draining, orThrow } from "../io/host-functions.ts";
import type { Network } from "./network.ts";
import { type TcpConnection, TcpSocketResource } from "./tcp-socket.ts";

type Getter = (self: TcpSocketResource) => unknown;

function get<T>(option: TcpOption, convert: (value: number) => T): Getter {
  return (self) => convert(orThrow(self.socket.getOption(option)));
}

function set<T>(option: TcpOption, convert: (value: T) => number): HostFunction {
  return (self: TcpSocketResource, value: T) => orThrow(self.socket.setOption(option, convert(value)));
}

function streams({ input, output }: TcpConnection): readonly [object, object] {
  return [input, output];
}

/** `wasi:sockets/tcp` */
export function tcp({ poll }: Pick<WasiHost, "poll">): HostInstance {
  const methods: Record<string, HostFunction> = {
    "[method]tcp-socket.start-bind": waiting((self: TcpSocketResource, _network: Network, address: IpSocketAddress) =>
      then(poll.run(self.blockingStartBind(address)), orThrow),
    ),
    "[method]tcp-socket.finish-bind": (self: TcpSocketResource) => orThrow(self.finishBind()),
    "[method]tcp-socket.start-connect": (self: TcpSocketResource, _network: Network, address: IpSocketAddress) =>
      orThrow(self.startConnect(address)),
    "[method]tcp-socket.finish-connect": (self: TcpSocketResource) => streams(orThrow(self.finishConnect())),
    "[method]tcp-socket.start-listen": (self: TcpSocketResource) => orThrow(self.startListen()),
    "[method]tcp-socket.finish-listen": (self: TcpSocketResource) => orThrow(self.finishListen()),
    "[method]tcp-socket.accept": (self: TcpSocketResource) => {
      const [socket, connection] = orThrow(self.accept());
      return [socket, ...streams(connection)];
    },
    "[method]tcp-socket.local-address": (self: TcpSocketResource) => orThrow(self.socket.localAddress()),
    "[method]tcp-socket.remote-address": (self: TcpSocketResource) => orThrow(self.socket.remoteAddress()),
    "[method]tcp-socket.is-listening": (self: TcpSocketResource) => self.socket.isListening(),
    "[method]tcp-socket.address-family": (self: TcpSocketResource) => self.socket.family,
    "[method]tcp-socket.set-listen-backlog-size": (self: TcpSocketResource, value: bigint) =>
      orThrow(self.socket.setListenBacklogSize(fromU64(value))),
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
    "[method]tcp-socket.subscribe": (self: TcpSocketResource) => self.subscribe(),
    "[method]tcp-socket.shutdown": (self: TcpSocketResource, how: ShutdownHow | "both") => orThrow(self.shutdown(how)),
  };
  return { "tcp-socket": TcpSocketResource, ...draining(poll, methods) };
}

/** `wasi:sockets/tcp-create-socket` */
export function tcpCreateSocket(host: WasiHost): HostInstance {
  return { "create-tcp-socket": (family: IpAddressFamily) => orThrow(TcpSocketResource.create(host, family)) };
}
