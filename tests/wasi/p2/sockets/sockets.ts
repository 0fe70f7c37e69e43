/** What the tests of wasi:sockets share: a guest's sockets, on loopback. */
import type { SocketContext } from "../../../../src/core/sockets/socket-context.ts";
import type { IpSocketAddress } from "../../../../src/machine/address.ts";
import type { Pollable } from "../../../../src/wasi/p2/io/pollable.ts";
import { type TcpConnection, TcpSocketResource } from "../../../../src/wasi/p2/sockets/tcp-socket.ts";
import { loopback, ok } from "../../../core/sockets/sockets.ts";

export function socket(cx: SocketContext): TcpSocketResource {
  return ok(TcpSocketResource.create(cx, "ipv4"));
}

export function listener(cx: SocketContext): { server: TcpSocketResource; address: IpSocketAddress } {
  const server = socket(cx);
  ok(server.startBind(loopback()));
  ok(server.finishBind());
  ok(server.startListen());
  ok(server.finishListen());
  return { server, address: ok(server.socket.localAddress()) };
}

/** Waits until the pollable says so, as a guest would, and drops it. */
export function block(cx: SocketContext, subscribed: Pollable): void {
  cx.poll.block(subscribed.condition);
  subscribed[Symbol.dispose]();
}

export interface Pair {
  readonly client: TcpSocketResource;
  readonly near: TcpConnection;
  readonly peer: TcpSocketResource;
  readonly far: TcpConnection;
}

/** A connection, both ends of it in this process. */
export function connect(cx: SocketContext): Pair {
  const { server, address } = listener(cx);
  const client = socket(cx);
  ok(client.startConnect(address));
  block(cx, client.subscribe());
  const near = ok(client.finishConnect());
  block(cx, server.subscribe());
  const [peer, far] = ok(server.accept());
  server[Symbol.dispose]();
  return { client, near, peer, far };
}

export function close({ client, near, peer, far }: Pair): void {
  for (const resource of [near.input, near.output, far.input, far.output, client, peer])
    if (!resource.disposed) resource[Symbol.dispose]();
}
