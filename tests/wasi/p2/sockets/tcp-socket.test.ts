import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { networkPolicy } from "../../../../src/core/policy/network-policy.ts";
import type { IpSocketAddress } from "../../../../src/machine/address.ts";
import type { TcpOption } from "../../../../src/machine/sockets.ts";
import { TcpSocketResource } from "../../../../src/wasi/p2/sockets/tcp-socket.ts";
import { context, loopback, ok } from "../../../core/sockets/sockets.ts";
import { eachSelector } from "../../../machine.ts";
import { block, close, connect, listener, socket } from "./sockets.ts";

/** Sockets, but nowhere to go. */
const noAddress = networkPolicy({ inheritNetwork: false, tcp: true, udp: undefined, allowIpNameLookup: false });

await eachSelector((name, machine) => {
  const cx = context(machine);

  /** A port that nobody listens on, nor can: it is bound to. */
  function refusing(): IpSocketAddress {
    return ok(states.bound().socket.localAddress());
  }

  const states = {
    unbound: () => socket(cx),
    binding: () => {
      const it = socket(cx);
      ok(it.startBind(loopback()));
      return it;
    },
    bound: () => {
      const it = states.binding();
      ok(it.finishBind());
      return it;
    },
    connecting: () => {
      const it = socket(cx);
      ok(it.startConnect(refusing()));
      return it;
    },
    "listen-started": () => {
      const it = states.bound();
      ok(it.startListen());
      return it;
    },
    listening: () => {
      const it = states["listen-started"]();
      ok(it.finishListen());
      return it;
    },
    connected: () => connect(cx).client,
    closed: () => {
      const it = states.connecting();
      block(cx, it.subscribe());
      assert.equal(it.finishConnect(), "connection-refused");
      return it;
    },
  };

  const ports: IpSocketAddress = loopback(1);
  const W = "would-block";
  const calls: { [call: string]: (it: TcpSocketResource) => unknown } = {
    "start-bind": (it) => it.startBind(loopback()),
    "finish-bind": (it) => it.finishBind(),
    "start-connect": (it) => it.startConnect(ports),
    "finish-connect": (it) => it.finishConnect(),
    "start-listen": (it) => it.startListen(),
    "finish-listen": (it) => it.finishListen(),
    accept: (it) => it.accept(),
    "local-address": (it) => it.socket.localAddress(),
    "remote-address": (it) => it.socket.remoteAddress(),
    "hop-limit": (it) => it.socket.getOption("hop-limit"),
    "set-backlog": (it) => it.socket.setListenBacklogSize(5),
    shutdown: (it) => it.shutdown("both"),
    subscribe: (it) => (it.subscribe().ready(cx.poll) ? undefined : W),
  };
  const I = "invalid-state";
  const N = "not-in-progress";
  const C = "concurrency-conflict";
  const R = "connection-refused";
  /** What each call does in each state. `ok`: anything that is no error code; `either`: over or not, as it happens. */
  const table: { [state in keyof typeof states]: { [call: string]: string } } = {
    unbound: row("ok", N, "ok", N, I, N, I, I, I, "ok", "ok", I, "ok"),
    binding: row(C, "ok", C, N, C, N, I, "ok", I, "ok", "ok", I, "ok"),
    bound: row(I, N, "ok", N, "ok", N, I, "ok", I, "ok", "ok", I, "ok"),
    connecting: row(C, N, C, "either", C, N, I, I, I, I, I, I, "either"),
    "listen-started": row(C, N, C, N, C, "ok", W, "ok", I, "ok", "ok", I, "ok"),
    listening: row(I, N, I, N, I, N, W, "ok", I, "ok", "ok", I, W),
    connected: row(I, N, I, N, I, N, I, "ok", "ok", "ok", I, "ok", "ok"),
    closed: row(I, N, I, N, I, N, I, R, R, R, R, I, "ok"),
  };
  function row(...expected: string[]): { [call: string]: string } {
    return Object.fromEntries(Object.keys(calls).map((call, i) => [call, expected[i]!]));
  }

  describe(`the TCP state machine over ${name}`, () => {
    for (const [state, make] of Object.entries(states))
      for (const [call, act] of Object.entries(calls)) {
        const expected = table[state as keyof typeof states][call]!;
        it(`${state}: ${call} is ${expected}`, () => {
          const result = act(make());
          if (expected === "ok") assert.notEqual(typeof result, "string", String(result));
          else if (expected === "either") assert.ok([W, R, undefined].includes(result as string), String(result));
          else assert.equal(result, expected);
        });
      }

    it("a failed connect is reported once, and kept for the getters", () => {
      const it = states.closed();
      assert.equal(it.finishConnect(), N);
      assert.deepEqual(
        [it.socket.localAddress(), it.socket.remoteAddress(), it.socket.setOption("hop-limit", 5)],
        [R, R, R],
      );
      it[Symbol.dispose]();
    });

    it("its pollable having told that a connect is over, it answers as connected or closed, and the connect goes on", () => {
      const { server, address } = listener(cx);
      const told = (it: TcpSocketResource) => {
        block(cx, it.subscribe());
        return [
          it.socket.localAddress(),
          it.socket.remoteAddress(),
          it.socket.getOption("hop-limit"),
          it.socket.setListenBacklogSize(5),
        ];
      };
      const connecting = socket(cx);
      ok(connecting.startConnect(address));
      const [local, remote, hops, backlog] = told(connecting);
      assert.equal(typeof local, "object");
      assert.deepEqual([remote, typeof hops, backlog], [address, "number", I]);
      const refused = states.connecting();
      assert.deepEqual(told(refused), [R, R, R, R]);
      const denied = socket(context(machine, noAddress));
      ok(denied.startConnect(address));
      assert.equal(denied.socket.localAddress(), I);
      assert.deepEqual(told(denied), new Array(4).fill("access-denied"));
      for (const it of [connecting, refused, denied])
        assert.deepEqual([it.startBind(loopback()), it.shutdown("both"), it.finishListen()], [C, I, N]);
      ok(connecting.finishConnect());
      assert.deepEqual([refused.finishConnect(), denied.finishConnect()], [R, "access-denied"]);
      assert.deepEqual([refused.finishConnect(), refused.startBind(loopback())], [N, I]);
      server[Symbol.dispose]();
    });

    it("a failed bind leaves the socket as it was", () => {
      const { server, address } = listener(cx);
      const it = socket(cx);
      assert.equal(it.startBind(address), "address-in-use");
      assert.equal(it.finishBind(), N);
      assert.equal(it.startBind(loopback()), undefined);
      server[Symbol.dispose]();
      it[Symbol.dispose]();
    });

    it("an accepted socket knows both its ends", () => {
      const pair = connect(cx);
      assert.deepEqual(pair.peer.socket.remoteAddress(), pair.client.socket.localAddress());
      assert.deepEqual(pair.peer.socket.localAddress(), pair.client.socket.remoteAddress());
      assert.equal(pair.peer.socket.family, "ipv4");
    });

    const wrong: [string, "startBind" | "startConnect", IpSocketAddress][] = [
      ["bind to multicast", "startBind", { tag: "ipv4", val: { port: 0, address: [224, 0, 0, 1] } }],
      ["bind to the other family", "startBind", v6([0, 0, 0, 0, 0, 0, 0, 1])],
      ["connect to port 0", "startConnect", loopback(0)],
      ["connect to the wildcard", "startConnect", { tag: "ipv4", val: { port: 1, address: [0, 0, 0, 0] } }],
      ["connect to broadcast", "startConnect", { tag: "ipv4", val: { port: 1, address: [255, 255, 255, 255] } }],
    ];
    for (const [what, call, address] of wrong)
      it(`${what} is invalid-argument, and may be tried again`, () => {
        const it = socket(cx);
        assert.equal(it[call](address), "invalid-argument");
        assert.equal(it.startBind(loopback()), undefined);
        it[Symbol.dispose]();
      });

    it("IPv6 sockets refuse IPv4 in IPv6's clothes", () => {
      const it = ok(TcpSocketResource.create(cx, "ipv6"));
      assert.equal(it.startBind(v6([0, 0, 0, 0, 0, 0xffff, 0x7f00, 1])), "invalid-argument");
      assert.equal(it.startBind(v6([0, 0, 0, 0, 0, 0, 0, 1])), undefined);
      it[Symbol.dispose]();
    });

    const options: [TcpOption, set: number, get: number][] = [
      ["keep-alive-enabled", 1, 1],
      ["keep-alive-idle-time", 42e9, 42e9],
      ["keep-alive-idle-time", 1, 1e9],
      ["keep-alive-idle-time", 1.5e9, 2e9],
      ["keep-alive-idle-time", Number.POSITIVE_INFINITY, 32767e9],
      ["keep-alive-interval", 42e9, 42e9],
      ["keep-alive-count", 42, 42],
      ["keep-alive-count", 1000, 127],
      ["hop-limit", 42, 42],
      ["receive-buffer-size", 0x10000, 0x10000],
      ["send-buffer-size", 0x10000, 0x10000],
    ];
    for (const [option, set, get] of options)
      it(`${option} = ${set} reads back as ${get}`, () => {
        const it = socket(cx);
        assert.equal(it.socket.setOption(option, set), undefined);
        assert.equal(it.socket.getOption(option), get);
        it[Symbol.dispose]();
      });

    it("zero is invalid-argument, for durations and counts even where the state forbids the call", () => {
      const it = states.closed();
      assert.equal(it.socket.setOption("keep-alive-count", 0), "invalid-argument");
      assert.equal(it.socket.setListenBacklogSize(0), "invalid-argument");
      assert.equal(it.socket.setOption("hop-limit", 0), R);
      const fresh = socket(cx);
      assert.equal(fresh.socket.setOption("hop-limit", 0), "invalid-argument");
      assert.equal(fresh.socket.setOption("receive-buffer-size", 0), "invalid-argument");
    });
  });

  describe(`dropping a connection over ${name}`, () => {
    it("lets the peer read to the end, whatever was left unread here", () => {
      const pair = connect(cx);
      const { near, peer, far } = pair;
      near.output.stream.checkWrite();
      near.output.stream.write(new Uint8Array(6));
      far.output.stream.checkWrite();
      far.output.stream.write(new Uint8Array(3));
      cx.poll.block(far.input.stream.readiness);
      for (const resource of [far.input, far.output, peer]) resource[Symbol.dispose]();
      assert.equal(cx.poll.run(near.input.stream.blockingRead(100)), 3);
      assert.equal(cx.poll.run(near.input.stream.blockingRead(100)), "closed");
      close(pair);
    });
  });

  describe(`drop order over ${name}`, () => {
    it("children keep their parents: streams their socket, pollables their stream", () => {
      const pair = connect(cx);
      assert.throws(() => pair.client[Symbol.dispose](), /^Trap: resource has children$/);
      const pollable = pair.near.input.subscribe(0);
      assert.throws(() => pair.near.input[Symbol.dispose](), /resource has children/);
      pollable[Symbol.dispose]();
      close(pair);
    });
  });

  describe(`the policy in the state machine over ${name}`, () => {
    const nothing = networkPolicy({ inheritNetwork: false, tcp: undefined, udp: undefined, allowIpNameLookup: false });

    it("without tcp there are no sockets", () => {
      assert.equal(TcpSocketResource.create(context(machine, nothing), "ipv4"), "access-denied");
    });

    it("with -S tcp alone a bind is denied, and a connect when it finishes", () => {
      const denied = context(machine, noAddress);
      const it = socket(denied);
      assert.equal(it.startBind(loopback()), "access-denied");
      assert.equal(it.startConnect(loopback(1)), undefined);
      assert.equal(it.finishConnect(), "access-denied");
      assert.equal(it.socket.localAddress(), "access-denied");
    });
  });
});

function v6(address: readonly number[]): IpSocketAddress {
  return { tag: "ipv6", val: { port: 0, flowInfo: 0, address, scopeId: 0 } };
}
