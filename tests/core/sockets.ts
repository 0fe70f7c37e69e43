import assert from "node:assert/strict";
import type { IpSocketAddress, Machine } from "../../src/adapters/contract.ts";
import type { NetworkPolicy } from "../../src/core/network.ts";
import { networkPolicy } from "../../src/core/network-policy.ts";
import { BlockingPoll } from "../../src/core/poll.ts";
import type { SocketContext } from "../../src/core/socket-context.ts";
import { type TcpConnection, TcpSocket } from "../../src/core/tcp-socket.ts";
import { PATIENCE } from "../backends/sockets.ts";

/** What the tests of the core share: real sockets of the runtime under test, on loopback. */

export const inherit: NetworkPolicy = networkPolicy({
  inheritNetwork: true,
  tcp: undefined,
  udp: undefined,
  allowIpNameLookup: true,
});

/** Looks again and again, without waiting, until `look` has seen what it is for. */
export function until(machine: Machine, look: () => boolean): void {
  for (const late = machine.now() + PATIENCE; !look(); ) assert.ok(machine.now() < late, "it never came");
}

interface BlockingContext extends SocketContext {
  readonly poll: BlockingPoll;
}

export function context(machine: Machine, policy = inherit): BlockingContext {
  return { machine, poll: new BlockingPoll(machine), policy };
}

export function loopback(port = 0): IpSocketAddress {
  return { tag: "ipv4", val: { port, address: [127, 0, 0, 1] } };
}

/** The value, where no error code was expected. */
export function ok<T>(result: T): Exclude<T, string> {
  assert.notEqual(typeof result, "string", `unexpected ${String(result)}`);
  return result as Exclude<T, string>;
}

export function socket(cx: SocketContext): TcpSocket {
  return ok(TcpSocket.create(cx, "ipv4"));
}

export function listener(cx: SocketContext): { server: TcpSocket; address: IpSocketAddress } {
  const server = socket(cx);
  ok(server.startBind(loopback()));
  ok(server.finishBind());
  ok(server.startListen());
  ok(server.finishListen());
  return { server, address: ok(server.localAddress()) };
}

/** Waits until `pollable` says so, as a guest would, and gives it back. */
export function block(cx: SocketContext, subscribed: ReturnType<TcpSocket["subscribe"]>): void {
  cx.poll.block(subscribed.condition);
  subscribed[Symbol.dispose]();
}

export interface Pair {
  readonly client: TcpSocket & object;
  readonly near: TcpConnection;
  readonly peer: TcpSocket;
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
