/** What the tests of wasi:sockets 0.3 share: a guest's sockets, on loopback. */
import assert from "node:assert/strict";
import type { ByteProducer, HostFuture, ValueProducer } from "../../../../src/component/streams.ts";
import type { TcpSocket } from "../../../../src/core/sockets/tcp-socket.ts";
import type { UdpSocket } from "../../../../src/core/sockets/udp-socket.ts";
import type { IpAddressFamily, IpSocketAddress } from "../../../../src/machine/address.ts";
import type { WasiHost } from "../../../../src/wasi/host.ts";
import { socketsImports } from "../../../../src/wasi/p3/sockets/imports.ts";
import type { ErrorPayload, StreamResult } from "../../../../src/wasi/stream-result.ts";
import { callOf, hostOf, next, resolved, type Setting, settled, Writer } from "../host.ts";

export const I = "invalid-state";

export type SocketEnd = HostFuture<StreamResult<ErrorPayload>>;
export type Received = readonly [ByteProducer, SocketEnd];

/** Calls of a guest's on `wasi:sockets`, by their names without the resource's. */
export interface Sockets {
  readonly host: WasiHost;
  readonly setting: Setting;
  tcp(item: string, ...args: readonly unknown[]): unknown;
  udp(item: string, ...args: readonly unknown[]): unknown;
  /** An `async func`, or one that may wait, to its end. */
  tcpDone<T = void>(item: string, ...args: readonly unknown[]): Promise<T>;
  udpDone<T = void>(item: string, ...args: readonly unknown[]): Promise<T>;
  resolve(name: string): Promise<unknown>;
}

export function socketsOf(setting: Setting, given: Partial<WasiHost> = {}): Sockets {
  const host = hostOf(setting, given);
  const call = callOf(socketsImports(host));
  const of =
    (resource: string) =>
    (item: string, ...args: readonly unknown[]) =>
      call("wasi:sockets/types", `[${item === "create" ? "static" : "method"}]${resource}.${item}`, ...args);
  const done =
    (work: (item: string, ...args: readonly unknown[]) => unknown) =>
    async <T>(item: string, ...args: readonly unknown[]) =>
      settled<T>(setting, work(item, ...args));
  const [tcp, udp] = [of("tcp-socket"), of("udp-socket")];
  return {
    host,
    setting,
    tcp,
    udp,
    tcpDone: done(tcp),
    udpDone: done(udp),
    resolve: async (name) => settled(setting, call("wasi:sockets/ip-name-lookup", "resolve-addresses", name)),
  };
}

export function loopback(port = 0, family: IpAddressFamily = "ipv4"): IpSocketAddress {
  return family === "ipv4"
    ? { tag: "ipv4", val: { port, address: [127, 0, 0, 1] } }
    : { tag: "ipv6", val: { port, flowInfo: 0, address: [0, 0, 0, 0, 0, 0, 0, 1], scopeId: 0 } };
}

export function tcpSocket({ tcp }: Sockets, family: IpAddressFamily = "ipv4"): TcpSocket {
  return tcp("create", family) as TcpSocket;
}

export function udpSocket({ udp }: Sockets, family: IpAddressFamily = "ipv4"): UdpSocket {
  return udp("create", family) as UdpSocket;
}

/** The code of what a call ends with; `ok`: it does not fail. */
export async function outcome(work: () => unknown): Promise<string> {
  try {
    await work();
    return "ok";
  } catch (error) {
    assert.ok(typeof error === "object" && error !== null && "tag" in error, String(error));
    return String(error.tag);
  }
}

/** How a future that must be resolved says that its stream has ended. */
export function endOf(future: unknown): string {
  const end = resolved(future as SocketEnd);
  return end.tag === "ok" ? "ok" : end.val.tag;
}

export interface Listening {
  readonly socket: TcpSocket;
  readonly connections: ValueProducer<TcpSocket>;
  readonly address: IpSocketAddress;
}

export async function listen(sockets: Sockets, family: IpAddressFamily = "ipv4"): Promise<Listening> {
  const socket = tcpSocket(sockets, family);
  await sockets.tcpDone("bind", socket, loopback(0, family));
  const connections = await sockets.tcpDone<ValueProducer<TcpSocket>>("listen", socket);
  return { socket, connections, address: sockets.tcp("get-local-address", socket) as IpSocketAddress };
}

export async function accept({ setting }: Sockets, { connections }: Listening): Promise<TcpSocket> {
  const socket = await settled<TcpSocket | undefined>(setting, next(connections));
  assert.ok(socket !== undefined);
  return socket;
}

/** One end of a connection. */
export class End3 {
  readonly socket: TcpSocket;
  readonly received: ByteProducer;
  readonly receiveEnd: SocketEnd;
  readonly writer = new Writer();
  readonly sendEnd: SocketEnd;

  constructor({ tcp }: Sockets, socket: TcpSocket) {
    this.socket = socket;
    [this.received, this.receiveEnd] = tcp("receive", socket) as Received;
    this.sendEnd = tcp("send", socket, this.writer) as SocketEnd;
  }

  close(): void {
    this.writer.end();
    if (!this.receiveEnd.resolved) this.received.drop();
    this.socket[Symbol.dispose]();
  }
}

/** A connection, both ends of it in this process. */
export async function connect(
  sockets: Sockets,
  family: IpAddressFamily = "ipv4",
): Promise<readonly [TcpSocket, TcpSocket]> {
  const listening = await listen(sockets, family);
  const client = tcpSocket(sockets, family);
  await sockets.tcpDone("connect", client, listening.address);
  const server = await accept(sockets, listening);
  listening.connections.drop();
  listening.socket[Symbol.dispose]();
  return [client, server];
}

export async function pair(sockets: Sockets, family: IpAddressFamily = "ipv4"): Promise<readonly [End3, End3]> {
  const [client, server] = await connect(sockets, family);
  return [new End3(sockets, client), new End3(sockets, server)];
}
