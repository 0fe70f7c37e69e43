/** Peers that come by themselves: whom the policy does not let in, the guest does not hear of. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { refusalLog } from "../../../../src/cli/report/refusal.ts";
import { parseNetRule } from "../../../../src/core/policy/net-rule.ts";
import { networkPolicy } from "../../../../src/core/policy/network-policy.ts";
import { OperationError } from "../../../../src/core/streams/stream-error.ts";
import { Condition } from "../../../../src/core/wait/condition.ts";
import { PollList } from "../../../../src/core/wait/poll-list.ts";
import type { IpSocketAddress } from "../../../../src/machine/address.ts";
import { TcpSocketResource } from "../../../../src/wasi/p2/sockets/tcp-socket.ts";
import { UdpSocketResource } from "../../../../src/wasi/p2/sockets/udp-socket.ts";
import { context, ok, until } from "../../../core/sockets/sockets.ts";
import { createMachine, eachSelector } from "../../../machine.ts";
import { block, listener } from "./sockets.ts";

const everything = { inheritNetwork: true, tcp: undefined, udp: undefined, allowIpNameLookup: true };

function of(octet: number, port = 0): IpSocketAddress {
  return { tag: "ipv4", val: { port, address: [127, 0, 0, octet] } };
}

/** The peers, on a machine of their own: each has one poll, which keeps its books in the sources. */
const open = context(await createMachine());

await eachSelector((name, machine) => {
  /** A guest that the peer 127.0.0.2 must not reach. */
  function denying(rule: string) {
    const refusals: string[] = [];
    const rules = { allow: [], deny: [parseNetRule(rule)] };
    return {
      cx: context(
        machine,
        networkPolicy(
          everything,
          rules,
          refusalLog((text) => refusals.push(text)),
        ),
      ),
      refusals,
    };
  }

  /** Whether a poll without waiting tells of it. */
  const isTold = ({ poll }: ReturnType<typeof context>, { condition }: { condition: Condition }): boolean => {
    const list = PollList.of(condition, Condition.timer(0));
    return poll.poll(list) > 1 || list.ready[0] === 0;
  };

  function dial(to: IpSocketAddress, octet: number) {
    const client = ok(TcpSocketResource.create(open, "ipv4"));
    ok(client.startBind(of(octet)));
    ok(client.finishBind());
    ok(client.startConnect(to));
    block(open, client.subscribe());
    return { client, ...ok(client.finishConnect()) };
  }

  describe(`peers over ${name}`, () => {
    it("a connection of one that is denied is reset, and neither the pollable nor accept tells of it", () => {
      const { cx, refusals } = denying("127.0.0.2");
      const { server, address } = listener(cx);
      const pollable = server.subscribe();
      const denied = dial(address, 2);
      // The listener may have the connection a moment after its client: it is told of neither before nor then.
      until(machine, () => {
        assert.deepEqual([pollable.ready(cx.poll), isTold(cx, pollable)], [false, false]);
        return open.poll.look(denied.input.stream.readiness);
      });
      const end = open.poll.run(denied.input.stream.blockingRead(10));
      assert.ok(end instanceof OperationError && end.cause === "connection-reset", String(end));
      dial(address, 2);
      const allowed = dial(address, 1);
      dial(address, 2);
      cx.poll.block(pollable.condition);
      assert.deepEqual([isTold(cx, pollable), pollable.ready(cx.poll)], [true, true]);
      const [accepted] = ok(server.accept());
      assert.deepEqual(accepted.socket.remoteAddress(), allowed.client.socket.localAddress());
      assert.equal(server.accept(), "would-block");
      assert.equal(pollable.ready(cx.poll), false);
      assert.deepEqual(refusals, ["tcp-accept 127.0.0.2: --deny-net 127.0.0.2"]);
      cx.poll.closeAll();
    });

    it("a connection that a poll has taken ends with its listener", () => {
      const { cx } = denying("accept:127.0.0.2");
      const { server, address } = listener(cx);
      const { input } = dial(address, 1);
      block(cx, server.subscribe());
      server[Symbol.dispose]();
      assert.notEqual(open.poll.run(input.stream.blockingRead(10)), 0);
    });

    it("a datagram of one that is denied is dropped, and neither the pollable nor receive tells of it", () => {
      const { cx, refusals } = denying("udp:127.0.0.2");
      const [receiver, allowed, denied] = [bound(cx, 1), bound(open, 1), bound(open, 2)];
      const pollable = receiver.incoming.subscribe();
      send(denied, receiver.address, 1);
      until(machine, () => {
        assert.deepEqual([pollable.ready(cx.poll), isTold(cx, pollable)], [false, false]);
        return refusals.length > 0;
      });
      send(denied, receiver.address, 2);
      send(allowed, receiver.address, 3);
      send(denied, receiver.address, 4);
      cx.poll.block(pollable.condition);
      assert.equal(isTold(cx, pollable), true);
      assert.deepEqual(
        ok(receiver.incoming.receive(16)).map(({ data }) => [...data]),
        [[3]],
      );
      assert.equal(pollable.ready(cx.poll), false);
      assert.deepEqual(refusals, ["udp-receive 127.0.0.2: --deny-net udp:127.0.0.2"]);
      for (const context of [cx, open]) context.poll.closeAll();
    });

    it("a peer is connected to where either way is allowed, and its datagrams come", () => {
      const { cx } = denying("udp:127.0.0.3");
      const [receiver, sender] = [bound(cx, 1), bound(open, 2)];
      for (const stream of [receiver.incoming, receiver.outgoing]) stream[Symbol.dispose]();
      assert.equal(receiver.socket.stream(of(3, 9)), "access-denied");
      const [incoming] = ok(receiver.socket.stream(sender.address));
      send(sender, receiver.address, 1);
      block(cx, incoming.subscribe());
      assert.equal(ok(incoming.receive(16)).length, 1);
      for (const context of [cx, open]) context.poll.closeAll();
    });
  });
});

function bound(cx: ReturnType<typeof context>, octet: number) {
  const socket = ok(UdpSocketResource.create(cx, "ipv4"));
  ok(socket.startBind(of(octet)));
  ok(socket.finishBind());
  const [incoming, outgoing] = ok(socket.stream(undefined));
  return { socket, incoming, outgoing, address: ok(socket.socket.localAddress()) };
}

function send({ outgoing }: ReturnType<typeof bound>, to: IpSocketAddress, byte: number): void {
  outgoing.checkSend();
  assert.equal(outgoing.send([{ data: new Uint8Array([byte]), remoteAddress: to }]), 1);
}
