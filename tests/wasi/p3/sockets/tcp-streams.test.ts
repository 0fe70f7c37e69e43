import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ByteProducer } from "../../../../src/component/streams.ts";
import { parseNetRule } from "../../../../src/core/policy/net-rule.ts";
import { networkPolicy } from "../../../../src/core/policy/network-policy.ts";
import type { TcpSocket } from "../../../../src/core/sockets/tcp-socket.ts";
import { Condition } from "../../../../src/core/wait/condition.ts";
import type { Blocking } from "../../../../src/core/wait/poll.ts";
import type { Machine } from "../../../../src/machine/machine.ts";
import type { TcpHandle } from "../../../../src/machine/sockets.ts";
import { decode, eachSetting, encode, read, type Setting, settled, together, Writer } from "../host.ts";
import {
  accept,
  connect,
  type End3,
  endOf,
  I,
  listen,
  outcome,
  pair,
  type Received,
  socketsOf,
  tcpSocket,
} from "./sockets.ts";

await eachSetting((setting) => {
  const sockets = socketsOf(setting);
  const { tcp, tcpDone } = sockets;

  function* sent(end: End3, bytes: Uint8Array): Blocking<void> {
    assert.equal(yield* end.writer.write(bytes), bytes.length);
    end.writer.end();
  }

  describe(`the streams of a TCP socket of 0.3 on ${setting.name}`, () => {
    for (const family of ["ipv4", "ipv6"] as const)
      it(`carry both ways at once what no buffer holds, to its end (${family})`, async () => {
        const [near, far] = await pair(sockets, family);
        const [there, back] = [7, 11].map((factor) => new Uint8Array(3_000_000).map((_, i) => i * factor));
        const [, , atFar, atNear] = await together(
          setting,
          sent(near, there!),
          sent(far, back!),
          read(far.received),
          read(near.received, undefined, 1000),
        );
        assert.equal(Buffer.compare(atFar, there!), 0);
        assert.equal(Buffer.compare(atNear, back!), 0);
        for (const end of [near, far]) {
          assert.deepEqual([endOf(end.sendEnd), endOf(end.receiveEnd)], ["ok", "ok"]);
          end.socket[Symbol.dispose]();
        }
      });

    it("the writer's end dropped is the peer's end of the stream, and the other way goes on", async () => {
      const [near, far] = await pair(sockets);
      await settled(setting, sent(near, encode("last words")));
      assert.equal(endOf(near.sendEnd), "ok");
      assert.equal(decode(await settled(setting, read(far.received))), "last words");
      assert.equal(endOf(far.receiveEnd), "ok");
      await settled(setting, far.writer.write(encode("answer")));
      assert.equal(decode(await settled(setting, read(near.received, 6))), "answer");
      assert.equal(near.receiveEnd.resolved, false);
      near.close();
      far.close();
    });

    it("the reader's end dropped is ok, and the other way goes on", async () => {
      const [near, far] = await pair(sockets);
      near.received.drop();
      assert.equal(endOf(near.receiveEnd), "ok");
      await settled(setting, near.writer.write(encode("still here")));
      assert.equal(decode(await settled(setting, read(far.received, 10))), "still here");
      near.close();
      far.close();
    });

    it("are given once: then the stream is closed, or dropped, and the future invalid-state", async () => {
      const [near, far] = await pair(sockets);
      const [again, end] = tcp("receive", near.socket) as Received;
      assert.equal(again.produce(10), "closed");
      assert.equal(endOf(end), I);
      const data = new Writer();
      assert.equal(endOf(tcp("send", near.socket, data)), I);
      assert.deepEqual([data.dropped, data.consumer], [true, undefined]);
      await settled(setting, near.writer.write(encode("the first")));
      assert.equal(decode(await settled(setting, read(far.received, 9))), "the first");
      near.close();
      assert.equal(endOf(tcp("receive", far.socket) && (tcp("receive", far.socket) as Received)[1]), I);
      far.close();
    });

    it("live on when the handle is dropped, and the socket with them", async () => {
      const [near, far] = await pair(sockets);
      near.socket[Symbol.dispose]();
      far.socket[Symbol.dispose]();
      await together(setting, sent(near, encode("to far")), sent(far, encode("to near")));
      const [atFar, atNear] = await together(setting, read(far.received), read(near.received));
      assert.deepEqual([decode(atFar), decode(atNear)], ["to far", "to near"]);
    });

    it("the socket is closed with the last of them: its peer then sees the end", async () => {
      const [near, server] = await connect(sockets);
      const far = tcp("receive", server) as Received;
      const [received] = tcp("receive", near) as Received;
      near[Symbol.dispose]();
      assert.equal(far[0].produce(1), "would-block");
      received.drop();
      assert.equal((await settled<Uint8Array>(setting, read(far[0]))).length, 0);
      server[Symbol.dispose]();
    });

    it("a reset ends both with its error", async () => {
      const [near, server] = await connect(sockets);
      const end = near;
      const [received, receiveEnd] = tcp("receive", end) as Received;
      const data = new Writer();
      const sendEnd = tcp("send", end, data);
      // What the guest has not read when it closes is answered with a reset.
      await settled(setting, data.write(encode("never read")));
      const unread = tcp("receive", server) as Received;
      if (setting.net === "posix") {
        await settled(setting, readable(unread[0]));
        unread[0].drop();
        server[Symbol.dispose]();
        assert.equal((await settled<Uint8Array>(setting, read(received))).length, 0);
        assert.equal(endOf(receiveEnd), "connection-reset");
        await settled(setting, data.write(new Uint8Array(100_000)));
        assert.equal(endOf(sendEnd), "connection-broken");
      } else {
        unread[0].drop();
        server[Symbol.dispose]();
        data.end();
        received.drop();
      }
      near[Symbol.dispose]();
    });

    it("writing to a peer that is gone is connection-broken or connection-reset", async () => {
      const [near, far] = await pair(sockets);
      far.close();
      await settled(setting, read(near.received));
      await settled(setting, untilClosed(near.writer));
      assert.ok(["connection-broken", "connection-reset"].includes(endOf(near.sendEnd)), endOf(near.sendEnd));
      near.close();
    });
  });

  describe(`listening in 0.3 on ${setting.name}`, () => {
    it("binds a socket that is not bound, to a port of the system's choice", async () => {
      const socket = tcpSocket(sockets);
      assert.equal(await outcome(() => tcp("get-local-address", socket)), I);
      await tcpDone("listen", socket);
      const { val } = tcp("get-local-address", socket) as { val: { port: number; address: number[] } };
      assert.ok(val.port > 0);
      assert.deepEqual(val.address, [0, 0, 0, 0]);
      assert.equal(tcp("get-is-listening", socket), true);
      assert.equal(await outcome(() => tcpDone("listen", socket)), I);
    });

    it("answers would-block while nobody connects, then each connection once, in their order", async () => {
      const listening = await listen(sockets);
      assert.equal(listening.connections.produce(100), "would-block");
      const clients: TcpSocket[] = [];
      for (let i = 0; i < 5; i++) {
        const client = tcpSocket(sockets);
        await tcpDone("connect", client, listening.address);
        clients.push(client);
      }
      for (const client of clients) {
        const server = await accept(sockets, listening);
        assert.deepEqual(tcp("get-remote-address", server), tcp("get-local-address", client));
        assert.deepEqual(tcp("get-remote-address", client), tcp("get-local-address", server));
        server[Symbol.dispose]();
        client[Symbol.dispose]();
      }
      assert.equal(listening.connections.produce(1), "would-block");
      listening.connections.drop();
      listening.socket[Symbol.dispose]();
    });

    it("goes on when the handle is dropped; the port is free when the stream is, too", async () => {
      const listening = await listen(sockets);
      listening.socket[Symbol.dispose]();
      const client = tcpSocket(sockets);
      await tcpDone("connect", client, listening.address);
      const server = await accept(sockets, listening);
      const other = tcpSocket(sockets);
      assert.equal(await outcome(() => tcpDone("bind", other, listening.address)), "address-in-use");
      // The listener does not live on in the connections that it gave.
      listening.connections.drop();
      await tcpDone("bind", other, listening.address);
      for (const socket of [client, server, other]) socket[Symbol.dispose]();
    });

    it("goes on when the stream is dropped, as long as there is the handle", async () => {
      const listening = await listen(sockets);
      listening.connections.drop();
      assert.equal(tcp("get-is-listening", listening.socket), true);
      const other = tcpSocket(sockets);
      assert.equal(await outcome(() => tcpDone("bind", other, listening.address)), "address-in-use");
      listening.socket[Symbol.dispose]();
      await tcpDone("bind", other, listening.address);
      other[Symbol.dispose]();
    });

    it("a connection that cannot be accepted is a closed socket, and the stream goes on", async () => {
      const failing = socketsOf({ ...setting, machine: failingAccept(setting) });
      const listening = await listen(failing);
      const client = tcpSocket(failing);
      await failing.tcpDone("connect", client, listening.address);
      const closed = await accept(failing, listening);
      const data = new Writer();
      const tried = [
        await outcome(() => tcp("get-local-address", closed)),
        await outcome(() => tcp("get-remote-address", closed)),
        await outcome(() => tcp("get-hop-limit", closed)),
        endOf((tcp("receive", closed) as Received)[1]),
        endOf(tcp("send", closed, data)),
      ];
      assert.deepEqual(tried, new Array(5).fill("connection-aborted"));
      assert.deepEqual(
        [data.dropped, tcp("get-is-listening", closed), tcp("get-address-family", closed)],
        [true, false, "ipv4"],
      );
      assert.equal(await outcome(() => tcpDone("bind", closed, listening.address)), I);
      closed[Symbol.dispose]();
      const server = await accept(failing, listening);
      assert.deepEqual(tcp("get-remote-address", server), tcp("get-local-address", client));
      for (const socket of [client, server, listening.socket]) socket[Symbol.dispose]();
      listening.connections.drop();
    });

    it("peers that the policy does not let in are reset, and not heard of", async () => {
      const rules = { allow: [], deny: [parseNetRule("accept:127.0.0.1")] };
      const policy = networkPolicy(
        { inheritNetwork: true, tcp: undefined, udp: undefined, allowIpNameLookup: true },
        rules,
      );
      const screened = socketsOf(setting, { policy });
      const listening = await listen(screened);
      const refused = tcpSocket(sockets);
      await tcpDone("connect", refused, listening.address);
      const [received, end] = tcp("receive", refused) as Received;
      function* listened(): Blocking<void> {
        while (!end.resolved) {
          assert.equal(listening.connections.produce(1), "would-block");
          yield Condition.timer(setting.machine.now() + 1e6);
        }
      }
      const [bytes] = await together(setting, read(received), listened());
      assert.equal(bytes.length, 0);
      assert.ok(["connection-reset", "ok"].includes(endOf(end)));
      assert.equal(listening.connections.produce(1), "would-block");
      refused[Symbol.dispose]();
      listening.connections.drop();
      listening.socket[Symbol.dispose]();
    });
  });
});

function* readable(producer: ByteProducer): Blocking<void> {
  yield producer.readiness;
}

/** Writes until the reader is gone. */
function* untilClosed(writer: Writer): Blocking<void> {
  const piece = new Uint8Array(1000);
  while ((yield* writer.write(piece)) === piece.length) yield writer.consumer!.readiness;
}

/** The same machine, whose listeners fail to accept, once each. */
function failingAccept({ machine }: Setting): Machine {
  const { net } = machine;
  return Object.assign(Object.create(machine) as Machine, {
    net: Object.assign(Object.create(net) as Machine["net"], {
      createTcpSocket(family: Parameters<Machine["net"]["createTcpSocket"]>[0]) {
        const handle = net.createTcpSocket(family);
        if (typeof handle === "string") return handle;
        const acceptOne = handle.accept.bind(handle);
        let failed = false;
        handle.accept = (): ReturnType<TcpHandle["accept"]> => {
          if (failed) return acceptOne();
          failed = true;
          return "connection-aborted";
        };
        return handle;
      },
    }),
  });
}
