import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { networkPolicy } from "../../../../src/core/policy/network-policy.ts";
import type { IpSocketAddress } from "../../../../src/machine/address.ts";
import type { Machine } from "../../../../src/machine/machine.ts";
import { UdpSocketResource } from "../../../../src/wasi/p2/sockets/udp-socket.ts";
import { context, loopback, ok, until } from "../../../core/sockets/sockets.ts";
import { eachSelector } from "../../../machine.ts";
import { block } from "./sockets.ts";

await eachSelector((name, machine) => {
  const cx = context(machine);

  function bound(): UdpSocketResource {
    const it = ok(UdpSocketResource.create(cx, "ipv4"));
    assert.equal(it.startBind(loopback()), undefined);
    assert.equal(it.finishBind(), undefined);
    return it;
  }

  function streams(socket: UdpSocketResource, peer?: IpSocketAddress) {
    const [incoming, outgoing] = ok(socket.stream(peer));
    return { socket, incoming, outgoing, address: ok(socket.socket.localAddress()) };
  }
  type Endpoint = ReturnType<typeof streams>;

  function send({ outgoing }: Endpoint, bytes: number[], to?: IpSocketAddress): unknown {
    outgoing.checkSend();
    return outgoing.send([{ data: new Uint8Array(bytes), remoteAddress: to }]);
  }

  /** Waits for something and takes all of it: the bytes of each datagram. */
  function receive({ incoming }: Endpoint): number[][] {
    block(cx, incoming.subscribe());
    return ok(incoming.receive(100)).map(({ data }) => [...data]);
  }

  /** Waits for so many, which need not come together. Answers how many each receive had. */
  function receiveAll(endpoint: Endpoint, count: number): number[] {
    const counts: number[] = [];
    for (let left = count; left > 0; left -= counts.at(-1)!) counts.push(receive(endpoint).length);
    return counts;
  }

  function close(...endpoints: Endpoint[]): void {
    for (const { incoming, outgoing, socket } of endpoints)
      for (const resource of [incoming, outgoing, socket]) resource[Symbol.dispose]();
  }

  describe(`UDP over ${name}`, () => {
    it("echoes datagrams, empty ones too, with their sender", () => {
      const [a, b] = [streams(bound()), streams(bound())];
      assert.equal(send(a, [1, 2, 3], b.address), 1);
      block(cx, b.incoming.subscribe());
      const [first] = ok(b.incoming.receive(10));
      assert.deepEqual([[...first!.data], first!.remoteAddress], [[1, 2, 3], a.address]);
      assert.equal(send(b, [], first!.remoteAddress), 1);
      assert.deepEqual(receive(a), [[]]);
      close(a, b);
    });

    it("receive answers at most 16, and an empty list for none", () => {
      const [a, b] = [streams(bound()), streams(bound())];
      assert.deepEqual(b.incoming.receive(10), []);
      assert.deepEqual(b.incoming.receive(0), []);
      // The kernel may bring some of them late: none has more than 16, and one has so many once they are there.
      until(machine, () => {
        for (let i = 0; i < 20; i++) assert.equal(send(a, [i], b.address), 1);
        const most = Math.max(...receiveAll(b, 20));
        assert.ok(most <= 16, `${most} at once`);
        return most === 16;
      });
      close(a, b);
    });

    it("a datagram over 65535 bytes is too large; one over the path's limit as well", () => {
      const [a, b] = [streams(bound()), streams(bound())];
      const data = new Uint8Array(65536);
      a.outgoing.checkSend();
      assert.equal(a.outgoing.send([{ data, remoteAddress: b.address }]), "datagram-too-large");
      a.outgoing.checkSend();
      assert.equal(
        a.outgoing.send([{ data: data.subarray(0, 65520), remoteAddress: b.address }]),
        "datagram-too-large",
        "IPv4 carries at most 65507",
      );
      close(a, b);
    });

    it("needs a permit, which a send uses up", () => {
      const [a, b] = [streams(bound()), streams(bound())];
      const one = { data: new Uint8Array(1), remoteAddress: b.address };
      assert.equal(a.outgoing.send([]), 0);
      assert.throws(() => a.outgoing.send([one]), /^Trap: unpermitted: argument exceeds permitted size$/);
      assert.equal(a.outgoing.checkSend(), 16);
      assert.equal(a.outgoing.send([one]), 1);
      assert.throws(() => a.outgoing.send([one]), /unpermitted/);
      close(a, b);
    });

    it("answers how many were accepted, and the error of the first only", () => {
      const [a, b] = [streams(bound()), streams(bound())];
      const good = { data: new Uint8Array(1), remoteAddress: b.address };
      const nowhere = { data: new Uint8Array(1), remoteAddress: undefined };
      a.outgoing.checkSend();
      assert.equal(a.outgoing.send([good, nowhere, good]), 1);
      a.outgoing.checkSend();
      assert.equal(a.outgoing.send([nowhere, good]), "invalid-argument");
      close(a, b);
    });

    it("connected: hears its peer only, also what was queued before, and is not ready for the rest", () => {
      const [a, b] = [streams(bound()), streams(bound())];
      const socket = bound();
      const address = ok(socket.socket.localAddress());
      assert.equal(send(b, [66], address), 1);
      const c = streams(socket, a.address);
      assert.deepEqual(socket.socket.remoteAddress(), a.address);
      const pollable = c.incoming.subscribe();
      assert.equal(pollable.ready(cx.poll), false);
      pollable[Symbol.dispose]();
      assert.equal(send(a, [65], address), 1);
      assert.deepEqual(receive(c), [[65]]);
      close(a, b, c);
    });

    it("connected: sends to its peer with or without its address, and to no other", () => {
      const [a, b] = [streams(bound()), streams(bound())];
      const c = streams(bound(), a.address);
      assert.equal(send(c, [1]), 1);
      assert.equal(send(c, [2], a.address), 1);
      assert.equal(send(c, [3], b.address), "invalid-argument");
      const received = receive(a);
      if (received.length < 2) received.push(...receive(a));
      assert.deepEqual(received, [[1], [2]]);
      close(a, b, c);
    });

    it("connected: a port that nobody has surfaces as connection-refused", () => {
      // Nobody else can take it while it is bound, and it hears its peer only.
      const peer = streams(bound());
      const deaf = streams(bound(), peer.address);
      const c = streams(bound(), deaf.address);
      assert.equal(send(c, [1]), 1);
      block(cx, c.incoming.subscribe());
      assert.equal(c.incoming.receive(10), "connection-refused");
      close(c, deaf, peer);
    });

    it("streams again only after the earlier ones were dropped; disconnects with none", () => {
      const a = streams(bound());
      const socket = bound();
      const first = streams(socket, a.address);
      assert.throws(() => socket.stream(undefined), /^Trap: UDP streams not dropped yet$/);
      first.incoming[Symbol.dispose]();
      assert.throws(() => socket.stream(undefined), /UDP streams not dropped yet/);
      first.outgoing[Symbol.dispose]();
      const second = streams(socket);
      assert.equal(socket.socket.remoteAddress(), "invalid-state");
      // The kernel may have taken an ephemeral port back (udp(7)): the socket is bound all the same.
      assert.notEqual(typeof socket.socket.localAddress(), "string");
      assert.equal(send(second, [1], a.address), 1);
      assert.deepEqual(receive(a), [[1]]);
      close(a, second);
    });

    it("drop order: streams before their socket, pollables before their stream", () => {
      const a = streams(bound());
      assert.throws(() => a.socket[Symbol.dispose](), /^Trap: resource has children$/);
      const pollable = a.incoming.subscribe();
      assert.throws(() => a.incoming[Symbol.dispose](), /resource has children/);
      pollable[Symbol.dispose]();
      close(a);
    });

    const fresh = (): UdpSocketResource => ok(UdpSocketResource.create(cx, "ipv4"));
    const binding = (): UdpSocketResource => {
      const it = fresh();
      it.startBind(loopback());
      return it;
    };
    const states: [string, () => UdpSocketResource, expected: { [call: string]: string }][] = [
      [
        "unbound",
        fresh,
        { startBind: "ok", finishBind: "not-in-progress", stream: "invalid-state", local: "invalid-state" },
      ],
      ["binding", binding, { startBind: "concurrency-conflict", finishBind: "ok", stream: "ok", local: "ok" }],
      ["bound", bound, { startBind: "invalid-state", finishBind: "not-in-progress", stream: "ok", local: "ok" }],
    ];
    const calls: { [call: string]: (it: UdpSocketResource) => unknown } = {
      startBind: (it) => it.startBind(loopback()),
      finishBind: (it) => it.finishBind(),
      stream: (it) => it.stream(undefined),
      local: (it) => it.socket.localAddress(),
    };
    for (const [state, make, expected] of states)
      for (const [call, outcome] of Object.entries(expected))
        it(`${state}: ${call} is ${outcome}`, () => {
          const result = calls[call]!(make());
          assert.equal(typeof result === "string" ? result : "ok", outcome);
        });

    it("options read back what was set; zero is invalid-argument", () => {
      const it = fresh();
      assert.equal(it.socket.setOption("unicast-hop-limit", 42), undefined);
      assert.equal(it.socket.getOption("unicast-hop-limit"), 42);
      assert.equal(it.socket.setOption("receive-buffer-size", 0x10000), undefined);
      assert.equal(it.socket.getOption("receive-buffer-size"), 0x10000);
      assert.equal(it.socket.setOption("send-buffer-size", 0), "invalid-argument");
      it[Symbol.dispose]();
    });

    it("a send that would block: its datagram waits, nothing is permitted or ready meanwhile, and a drop waits for it", () => {
      // A kernel whose buffers are full when this says so.
      let full = 0;
      const net: Machine["net"] = {
        ...machine.net,
        createUdpSocket(family) {
          const handle = ok(machine.net.createUdpSocket(family));
          const send = handle.send.bind(handle);
          handle.send = (bytes, to) => (full > 0 && full-- > 0 ? "would-block" : send(bytes, to));
          return handle;
        },
      };
      const blocked = context({ ...machine, net, now: () => machine.now() });
      const socket = ok(UdpSocketResource.create(blocked, "ipv4"));
      ok(socket.startBind(loopback()));
      ok(socket.finishBind());
      const [, outgoing] = ok(socket.stream(undefined));
      const b = streams(bound());
      const writable = outgoing.subscribe();
      const data = new Uint8Array([1]);
      outgoing.checkSend();
      full = 6;
      assert.equal(
        outgoing.send([
          { data, remoteAddress: b.address },
          { data, remoteAddress: b.address },
        ]),
        1,
      );
      data[0] = 2;
      assert.deepEqual([outgoing.checkSend(), writable.ready(blocked.poll)], [0, false]);
      assert.throws(() => outgoing.send([{ data, remoteAddress: b.address }]), /unpermitted/);
      assert.deepEqual(b.incoming.receive(16), []);
      blocked.poll.block(writable.condition);
      assert.equal(outgoing.checkSend(), 16);
      assert.deepEqual(receive(b), [[1]], "as it was when it was sent");
      full = 3;
      assert.equal(outgoing.send([{ data, remoteAddress: b.address }]), 1);
      writable[Symbol.dispose]();
      outgoing[Symbol.dispose]();
      assert.equal(full, 0);
      assert.deepEqual(receive(b), [[2]]);
      blocked.poll.closeAll();
      close(b);
    });

    it("without permission: no socket, or a bind that is denied", () => {
      const options = { inheritNetwork: false, tcp: undefined, allowIpNameLookup: false };
      assert.equal(
        UdpSocketResource.create(context(machine, networkPolicy({ ...options, udp: undefined })), "ipv4"),
        "access-denied",
      );
      const it = ok(UdpSocketResource.create(context(machine, networkPolicy({ ...options, udp: true })), "ipv4"));
      assert.equal(it.startBind(loopback()), "access-denied");
      assert.equal(it.stream(undefined), "invalid-state");
      it[Symbol.dispose]();
    });
  });
});
