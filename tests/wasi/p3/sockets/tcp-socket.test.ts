import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parseNetRule } from "../../../../src/core/policy/net-rule.ts";
import type { NetworkPolicy } from "../../../../src/core/policy/network.ts";
import { networkPolicy } from "../../../../src/core/policy/network-policy.ts";
import { optionRules } from "../../../../src/core/sockets/socket-options.ts";
import type { TcpSocket } from "../../../../src/core/sockets/tcp-socket.ts";
import type { Blocking } from "../../../../src/core/wait/poll.ts";
import type { IpSocketAddress } from "../../../../src/machine/address.ts";
import { eachSetting, Writer } from "../host.ts";
import {
  accept,
  connect,
  endOf,
  I,
  listen,
  loopback,
  outcome,
  type Received,
  socketsOf,
  tcpSocket,
} from "./sockets.ts";

const R = "connection-refused";

function v4(port: number, ...address: number[]): IpSocketAddress {
  return { tag: "ipv4", val: { port, address } };
}

function v6(port: number, ...address: number[]): IpSocketAddress {
  return { tag: "ipv6", val: { port, flowInfo: 0, address, scopeId: 0 } };
}

function policyOf(
  given: Partial<Parameters<typeof networkPolicy>[0]>,
  allow: string[] = [],
  deny: string[] = [],
): NetworkPolicy {
  return networkPolicy(
    { inheritNetwork: false, tcp: undefined, udp: undefined, allowIpNameLookup: false, ...given },
    { allow: allow.map(parseNetRule), deny: deny.map(parseNetRule) },
  );
}

await eachSetting((setting) => {
  const sockets = socketsOf(setting);
  const { tcp, tcpDone } = sockets;

  /** A port that nobody listens on: it was given back just now. */
  async function refusing(): Promise<IpSocketAddress> {
    const listening = await listen(sockets);
    listening.connections.drop();
    listening.socket[Symbol.dispose]();
    return listening.address;
  }

  const states: Readonly<Record<string, () => Promise<TcpSocket>>> = {
    unbound: async () => tcpSocket(sockets),
    bound: async () => {
      const socket = tcpSocket(sockets);
      await tcpDone("bind", socket, loopback());
      return socket;
    },
    connecting: async () => {
      const socket = tcpSocket(sockets);
      if (setting.net === "posix") {
        // On loopback it may be over when it is first asked for.
        assert.equal(socket.connect(await refusing()), undefined);
        return socket;
      }
      const connecting = tcp("connect", socket, await refusing()) as Blocking<void>;
      connecting.next();
      // The guest cancels it: it is never told how it has ended.
      connecting.return();
      return socket;
    },
    listening: async () => (await listen(sockets)).socket,
    connected: async () => (await connect(sockets))[0],
    closed: async () => {
      const socket = tcpSocket(sockets);
      assert.equal(await outcome(async () => tcpDone("connect", socket, await refusing())), R);
      return socket;
    },
  };

  const calls: Readonly<Record<string, (it: TcpSocket) => Promise<string>>> = {
    bind: (it) => outcome(() => tcpDone("bind", it, loopback())),
    listen: (it) => outcome(() => tcpDone("listen", it)),
    send: async (it) => {
      const end = tcp("send", it, new Writer()) as { resolved: boolean };
      return end.resolved ? endOf(end) : "ok";
    },
    receive: async (it) => {
      const [, end] = tcp("receive", it) as Received;
      return end.resolved ? endOf(end) : "ok";
    },
    "get-local-address": (it) => outcome(() => tcp("get-local-address", it)),
    "get-remote-address": (it) => outcome(() => tcp("get-remote-address", it)),
    "get-keep-alive-enabled": (it) => outcome(() => tcp("get-keep-alive-enabled", it)),
    "set-keep-alive-enabled": (it) => outcome(() => tcp("set-keep-alive-enabled", it, true)),
    "set-listen-backlog-size": (it) => outcome(() => tcp("set-listen-backlog-size", it, 5n)),
    "get-is-listening": async (it) => String(tcp("get-is-listening", it)),
  };

  const row = (...expected: string[]) => Object.fromEntries(Object.keys(calls).map((call, i) => [call, expected[i]!]));
  const [no, yes, ok] = ["false", "true", "ok"];
  const table: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    unbound: row(ok, ok, I, I, I, I, ok, ok, ok, no),
    bound: row(I, ok, I, I, ok, I, ok, ok, ok, no),
    connecting: row(I, I, I, I, I, I, I, I, I, no),
    listening: row(I, I, I, I, ok, I, ok, ok, ok, yes),
    connected: row(I, I, ok, ok, ok, ok, ok, ok, I, no),
    closed: row(I, I, R, R, R, R, R, R, R, no),
  };

  describe(`the states of a TCP socket of 0.3 on ${setting.name}`, () => {
    for (const [state, make] of Object.entries(states))
      for (const [call, act] of Object.entries(calls))
        it(`${state}: ${call} is ${table[state]![call]}`, async () => {
          const socket = await make();
          assert.equal(await act(socket), table[state]![call]);
          socket[Symbol.dispose]();
        });

    for (const state of ["connecting", "listening", "connected", "closed"])
      it(`${state}: connect is invalid-state`, async () => {
        const socket = await states[state]!();
        assert.equal(await outcome(() => tcpDone("connect", socket, loopback(1))), I);
        socket[Symbol.dispose]();
      });

    it("a failed bind leaves the socket as it was", async () => {
      const { address } = await listen(sockets);
      const socket = tcpSocket(sockets);
      assert.equal(await outcome(() => tcpDone("bind", socket, address)), "address-in-use");
      await tcpDone("bind", socket, loopback());
      socket[Symbol.dispose]();
    });

    it("a bound socket connects from where it is bound, if the machine can do that", async () => {
      const listening = await listen(sockets);
      const socket = await states["bound"]!();
      const address = tcp("get-local-address", socket);
      const result = await outcome(() => tcpDone("connect", socket, listening.address));
      if (result === "not-supported" && setting.net === "evented") return;
      assert.equal(result, "ok");
      assert.deepEqual(tcp("get-remote-address", await accept(sockets, listening)), address);
    });

    const wrong: readonly (readonly [string, "bind" | "connect", "ipv4" | "ipv6", IpSocketAddress])[] = [
      ["a multicast address", "bind", "ipv4", v4(0, 224, 0, 0, 1)],
      ["the broadcast address", "bind", "ipv4", v4(0, 255, 255, 255, 255)],
      ["an address of the other family", "bind", "ipv4", v6(0, 0, 0, 0, 0, 0, 0, 0, 1)],
      ["an IPv4-mapped address", "bind", "ipv6", v6(0, 0, 0, 0, 0, 0, 0xffff, 0x7f00, 1)],
      ["a multicast address", "bind", "ipv6", v6(0, 0xff02, 0, 0, 0, 0, 0, 0, 1)],
      ["port 0", "connect", "ipv4", loopback(0)],
      ["the unspecified address", "connect", "ipv4", v4(1, 0, 0, 0, 0)],
      ["the unspecified address", "connect", "ipv6", v6(1, 0, 0, 0, 0, 0, 0, 0, 0)],
      ["the broadcast address", "connect", "ipv4", v4(1, 255, 255, 255, 255)],
      ["a multicast address", "connect", "ipv6", v6(1, 0xff02, 0, 0, 0, 0, 0, 0, 1)],
      ["an address of the other family", "connect", "ipv6", loopback(1)],
      ["an IPv4-mapped address", "connect", "ipv6", v6(1, 0, 0, 0, 0, 0, 0xffff, 0x7f00, 1)],
    ];
    for (const [what, call, family, address] of wrong)
      it(`${call} of an ${family} socket to ${what} is invalid-argument, and leaves it as it was`, async () => {
        const socket = tcpSocket(sockets, family);
        assert.equal(await outcome(() => tcpDone(call, socket, address)), "invalid-argument");
        await tcpDone("bind", socket, loopback(0, family));
        socket[Symbol.dispose]();
      });
  });

  describe(`the options of a TCP socket of 0.3 on ${setting.name}`, () => {
    const values = [
      ["keep-alive-idle-time", 42_000_000_000n, 42_000_000_000n],
      ["keep-alive-idle-time", 1n, 1_000_000_000n],
      ["keep-alive-idle-time", 2n ** 64n - 1n, 32_767_000_000_000n],
      ["keep-alive-interval", 42_000_000_000n, 42_000_000_000n],
      ["keep-alive-count", 42, 42],
      ["keep-alive-count", 2 ** 32 - 1, 127],
      ["hop-limit", 42, 42],
      ["hop-limit", 255, 255],
      ["receive-buffer-size", 0x10000n, 0x10000n],
      ["send-buffer-size", 0x10000n, 0x10000n],
    ] as const;
    for (const [option, given, found] of values)
      it(`${option}: ${given} is read back as ${found}; 0 is invalid-argument`, async () => {
        const socket = tcpSocket(sockets);
        const result = await outcome(() => tcp(`set-${option}`, socket, given));
        if (result === "ok") assert.equal(tcp(`get-${option}`, socket), found);
        else assert.deepEqual([setting.net, result], ["evented", "not-supported"]);
        const zero = typeof given === "bigint" ? 0n : 0;
        assert.equal(await outcome(() => tcp(`set-${option}`, socket, zero)), "invalid-argument");
        socket[Symbol.dispose]();
      });

    it("keep-alive-enabled is a boolean", () => {
      const socket = tcpSocket(sockets);
      assert.equal(tcp("get-keep-alive-enabled", socket), false);
      tcp("set-keep-alive-enabled", socket, true);
      assert.equal(tcp("get-keep-alive-enabled", socket), true);
      socket[Symbol.dispose]();
    });

    it("are a listener's connections', too", async () => {
      const listening = await listen(sockets);
      tcp("set-keep-alive-enabled", listening.socket, true);
      const client = tcpSocket(sockets);
      await tcpDone("connect", client, listening.address);
      assert.equal(tcp("get-keep-alive-enabled", await accept(sockets, listening)), true);
    });

    it("any u64 above 0 is a size or a time that is taken, within what the kernel takes", () => {
      const options = [
        "keep-alive-idle-time",
        "keep-alive-interval",
        "receive-buffer-size",
        "send-buffer-size",
      ] as const;
      const socket = tcpSocket(sockets);
      fc.assert(
        fc.property(fc.constantFrom(...options), fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }), (option, value) => {
          try {
            tcp(`set-${option}`, socket, value);
          } catch (error) {
            assert.deepEqual([setting.net, error], ["evented", { tag: "not-supported" }]);
            return;
          }
          const found = tcp(`get-${option}`, socket);
          assert.ok(typeof found === "bigint" && found > 0n && found <= BigInt(optionRules[option].max));
        }),
        { numRuns: 50 },
      );
      socket[Symbol.dispose]();
    });

    it("any backlog above 0 is taken, before the socket listens and while it does", async () => {
      const sizes = [1n, 128n, 2n ** 31n, 2n ** 53n, 2n ** 64n - 1n];
      for (const socket of [await states["unbound"]!(), await states["listening"]!()]) {
        for (const size of sizes) tcp("set-listen-backlog-size", socket, size);
        assert.equal(await outcome(() => tcp("set-listen-backlog-size", socket, 0n)), "invalid-argument");
      }
    });
  });

  describe(`what a TCP socket of 0.3 may reach on ${setting.name}`, () => {
    it("without the network there are no sockets", async () => {
      for (const policy of [policyOf({}), policyOf({ inheritNetwork: true, tcp: false })])
        assert.equal(await outcome(() => socketsOf(setting, { policy }).tcp("create", "ipv4")), "access-denied");
    });

    it("with sockets and no addresses: bind is access-denied, and a connect ends the socket so", async () => {
      const guest = socketsOf(setting, { policy: policyOf({ tcp: true }) });
      const socket = tcpSocket(guest);
      assert.equal(await outcome(() => guest.tcpDone("bind", socket, loopback())), "access-denied");
      assert.equal(await outcome(() => guest.tcpDone("listen", socket)), "access-denied");
      assert.equal(await outcome(() => guest.tcpDone("connect", socket, loopback(1))), "access-denied");
      assert.equal(await outcome(() => guest.tcp("get-remote-address", socket)), "access-denied");
      assert.equal(endOf((guest.tcp("receive", socket) as Received)[1]), "access-denied");
      assert.equal(await outcome(() => guest.tcpDone("connect", socket, loopback(1))), I);
    });

    it("by rule: what is allowed goes, what is denied does not", async () => {
      const listening = await listen(sockets);
      const { port } = listening.address.val;
      const may = socketsOf(setting, { policy: policyOf({}, [`connect:127.0.0.1:${port}`]) });
      await may.tcpDone("connect", tcpSocket(may), listening.address);
      assert.equal(await outcome(() => may.tcpDone("listen", tcpSocket(may))), "access-denied");
      const mayNot = socketsOf(setting, { policy: policyOf({ inheritNetwork: true }, [], [`127.0.0.1:${port}`]) });
      const socket = tcpSocket(mayNot);
      assert.equal(await outcome(() => mayNot.tcpDone("connect", socket, listening.address)), "access-denied");
    });
  });
});
