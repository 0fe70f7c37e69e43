import assert from "node:assert/strict";
import type { NetworkPolicy } from "../../../src/core/policy/network.ts";
import { networkPolicy } from "../../../src/core/policy/network-policy.ts";
import type { SocketContext } from "../../../src/core/sockets/socket-context.ts";
import { TcpSocket, type TcpStreams } from "../../../src/core/sockets/tcp-socket.ts";
import { BlockingPoll } from "../../../src/core/wait/poll.ts";
import type { IpSocketAddress } from "../../../src/machine/address.ts";
import type { Machine } from "../../../src/machine/machine.ts";
import { PATIENCE } from "../../backends/sockets.ts";

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
  ok(server.bind(loopback()));
  ok(server.listen());
  server.watchConnections();
  return { server, address: ok(server.localAddress()) };
}

export interface Pair {
  readonly client: TcpSocket;
  readonly near: TcpStreams;
  readonly peer: TcpSocket;
  readonly far: TcpStreams;
}

/** A connection, both ends of it in this process. */
export function connect(cx: SocketContext): Pair {
  const { server, address } = listener(cx);
  const client = socket(cx);
  ok(client.connect(address));
  cx.poll.block(client.readiness);
  ok(client.outcome());
  cx.poll.block(server.readiness);
  const peer = ok(server.accept());
  server.close();
  return { client, near: client.streams(), peer, far: peer.streams() };
}

/** Lets go of both ends, or of one that the other has outlived. */
export function close({ client, near, peer, far }: Pair): void {
  closeEnd(client, near);
  closeEnd(peer, far);
}

/** What a guest does that is through with one end. */
export function closeEnd(socket: TcpSocket, { input, output }: TcpStreams): void {
  input.dispose();
  output.dispose();
  socket.close();
}
