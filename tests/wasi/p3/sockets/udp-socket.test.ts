import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { parseNetRule } from "../../../../src/core/policy/net-rule.ts";
import { networkPolicy } from "../../../../src/core/policy/network-policy.ts";
import { optionRules } from "../../../../src/core/sockets/socket-options.ts";
import type { UdpSocket } from "../../../../src/core/sockets/udp-socket.ts";
import type { Blocking } from "../../../../src/core/wait/poll.ts";
import type { IpAddressFamily, IpSocketAddress } from "../../../../src/machine/address.ts";
import { decode, eachSetting, encode, together } from "../host.ts";
import { I, loopback, outcome, socketsOf, udpSocket } from "./sockets.ts";

type Datagram = readonly [Uint8Array, IpSocketAddress];
const INVALID = "invalid-argument";
const none = undefined;

await eachSetting((setting) => {
  const sockets = socketsOf(setting);
  const { udp, udpDone } = sockets;

  async function bound(family: IpAddressFamily = "ipv4"): Promise<UdpSocket> {
    const socket = udpSocket(sockets, family);
    await udpDone("bind", socket, loopback(0, family));
    return socket;
  }

  const addressOf = (socket: UdpSocket) => udp("get-local-address", socket) as IpSocketAddress;
  const receive = (socket: UdpSocket) => udpDone<Datagram>("receive", socket);

  /** The rest of a call that is under way, or was done at once. */
  function* rest(answer: unknown): Blocking<Datagram> {
    return Array.isArray(answer) ? (answer as unknown as Datagram) : yield* answer as Blocking<Datagram>;
  }

  describe(`UDP sockets of 0.3 on ${setting.name}`, () => {
    for (const family of ["ipv4", "ipv6"] as const)
      it(`send and receive, with who sent it (${family})`, async () => {
        const [one, other] = [await bound(family), await bound(family)];
        await udpDone("send", one, encode("there"), addressOf(other));
        const [data, from] = await receive(other);
        assert.deepEqual([decode(data), from], ["there", addressOf(one)]);
        await udpDone("send", other, encode("back"), from);
        assert.equal(decode((await receive(one))[0]), "back");
        await udpDone("send", one, new Uint8Array(0), addressOf(other));
        assert.equal((await receive(other))[0].length, 0);
        for (const socket of [one, other]) socket[Symbol.dispose]();
      });

    it("one that is not bound receives nothing, and is bound when it first sends", async () => {
      const [one, other] = [udpSocket(sockets), await bound()];
      assert.equal(await outcome(() => receive(one)), I);
      assert.equal(await outcome(() => addressOf(one)), I);
      // Two at once: the second waits for the bind of the first.
      const [first, second] = ["1", "2"].map((text) => udp("send", one, encode(text), addressOf(other)));
      await together(setting, first as Blocking<void>, second as Blocking<void>);
      const got = [await receive(other), await receive(other)];
      assert.deepEqual(got.map(([data]) => decode(data)).sort(), ["1", "2"]);
      assert.ok(addressOf(one).val.port > 0);
      assert.equal(await outcome(() => udpDone("bind", one, loopback())), I);
      await udpDone("send", other, encode("now it hears"), { ...got[0]![1] });
      assert.equal(decode((await receive(one))[0]), "now it hears");
      for (const socket of [one, other]) socket[Symbol.dispose]();
    });

    it("a connected one sends to its peer and hears nobody else", async () => {
      const [one, peer, stranger] = [udpSocket(sockets), await bound(), await bound()];
      await udpDone("connect", one, addressOf(peer));
      assert.deepEqual(udp("get-remote-address", one), addressOf(peer));
      await udpDone("send", one, encode("by default"), none);
      const [, from] = await receive(peer);
      await udpDone("send", one, encode("by name"), addressOf(peer));
      assert.equal(decode((await receive(peer))[0]), "by name");
      assert.equal(await outcome(() => udpDone("send", one, encode("x"), addressOf(stranger))), INVALID);
      await udpDone("send", stranger, encode("not for you"), from);
      await udpDone("send", peer, encode("for you"), from);
      assert.equal(decode((await receive(one))[0]), "for you");
      udp("disconnect", one);
      assert.equal(await outcome(() => udp("get-remote-address", one)), I);
      assert.equal(await outcome(() => udp("disconnect", one)), I);
      assert.equal(await outcome(() => udpDone("send", one, encode("x"), none)), INVALID);
      for (const socket of [one, peer, stranger]) socket[Symbol.dispose]();
    });

    it("what strangers had sent before the connect is not heard after it", async () => {
      const [one, peer, stranger] = [await bound(), await bound(), await bound()];
      await udpDone("send", stranger, encode("early"), addressOf(one));
      await together(setting, readable(one));
      await udpDone("connect", one, addressOf(peer));
      await udpDone("send", peer, encode("late"), addressOf(one));
      assert.equal(decode((await receive(one))[0]), "late");
      for (const socket of [one, peer, stranger]) socket[Symbol.dispose]();
    });

    it("several receives at once each get one of what comes", async () => {
      const [one, other] = [await bound(), await bound()];
      const waiting = [udp("receive", one), udp("receive", one), udp("receive", one)].map(rest);
      const cancelled = udp("receive", one) as Blocking<Datagram>;
      cancelled.next();
      cancelled.return([new Uint8Array(), loopback()]);
      for (const text of ["a", "b", "c"]) await udpDone("send", other, encode(text), addressOf(one));
      const got = await together(setting, ...waiting);
      assert.deepEqual(got.map(([data]) => decode(data)).sort(), ["a", "b", "c"]);
      for (const socket of [one, other]) socket[Symbol.dispose]();
    });

    it("a datagram that cannot be one is datagram-too-large", async () => {
      const [one, other] = [await bound(), await bound()];
      for (const size of [65508, 65535, 65536, 1_000_000])
        assert.equal(
          await outcome(() => udpDone("send", one, new Uint8Array(size), addressOf(other))),
          "datagram-too-large",
        );
      await udpDone("send", one, new Uint8Array(60_000).fill(7), addressOf(other));
      assert.equal((await receive(other))[0].length, 60_000);
      for (const socket of [one, other]) socket[Symbol.dispose]();
    });

    it("where nobody is refuses a connected one", async () => {
      if (setting.net === "evented") return;
      const [one, gone] = [await bound(), await bound()];
      await udpDone("connect", one, addressOf(gone));
      gone[Symbol.dispose]();
      await udpDone("send", one, encode("?"), none);
      assert.equal(await outcome(() => receive(one)), "connection-refused");
      one[Symbol.dispose]();
    });

    const v4 = (port: number, ...address: number[]): IpSocketAddress => ({ tag: "ipv4", val: { port, address } });
    const wrong: readonly (readonly [string, IpSocketAddress | undefined])[] = [
      ["port 0", loopback(0)],
      ["the unspecified address", v4(1, 0, 0, 0, 0)],
      ["the other family", loopback(1, "ipv6")],
      ["nobody", undefined],
    ];
    for (const [what, address] of wrong)
      it(`to send or connect to ${what} is invalid-argument, and binds nothing`, async () => {
        const socket = udpSocket(sockets);
        assert.equal(await outcome(() => udpDone("send", socket, encode("x"), address)), INVALID);
        if (address !== undefined) assert.equal(await outcome(() => udpDone("connect", socket, address)), INVALID);
        assert.equal(await outcome(() => addressOf(socket)), I);
        socket[Symbol.dispose]();
      });

    it("IPv6 sockets have no IPv4 in them", async () => {
      const socket = udpSocket(sockets, "ipv6");
      const mapped: IpSocketAddress = {
        tag: "ipv6",
        val: { port: 1, flowInfo: 0, address: [0, 0, 0, 0, 0, 0xffff, 0x7f00, 1], scopeId: 0 },
      };
      assert.equal(await outcome(() => udpDone("bind", socket, mapped)), INVALID);
      assert.equal(await outcome(() => udpDone("send", socket, encode("x"), mapped)), INVALID);
      assert.equal(udp("get-address-family", socket), "ipv6");
      socket[Symbol.dispose]();
    });

    it("a bind that fails leaves it unbound", async () => {
      const [one, other] = [await bound(), udpSocket(sockets)];
      assert.equal(await outcome(() => udpDone("bind", other, addressOf(one))), "address-in-use");
      assert.equal(await outcome(() => addressOf(other)), I);
      await udpDone("bind", other, loopback());
      for (const socket of [one, other]) socket[Symbol.dispose]();
    });

    it("options: 0 is invalid-argument, any other value is taken", async () => {
      const socket = await bound();
      for (const [option, zero] of [
        ["unicast-hop-limit", 0],
        ["receive-buffer-size", 0n],
        ["send-buffer-size", 0n],
      ] as const)
        assert.equal(await outcome(() => udp(`set-${option}`, socket, zero)), INVALID);
      udp("set-unicast-hop-limit", socket, 42);
      assert.equal(udp("get-unicast-hop-limit", socket), 42);
      const sizes = fc.constantFrom("receive-buffer-size" as const, "send-buffer-size" as const);
      fc.assert(
        fc.property(sizes, fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }), (option, value) => {
          try {
            udp(`set-${option}`, socket, value);
          } catch (error) {
            assert.deepEqual([setting.net, error], ["evented", { tag: "not-supported" }]);
            return;
          }
          const found = udp(`get-${option}`, socket);
          assert.ok(typeof found === "bigint" && found > 0n && found <= BigInt(optionRules[option].max));
        }),
        { numRuns: 50 },
      );
      socket[Symbol.dispose]();
    });
  });

  describe(`what a UDP socket of 0.3 may reach on ${setting.name}`, () => {
    const options = { inheritNetwork: false, tcp: undefined, udp: undefined, allowIpNameLookup: false };
    const ruled = (allow: string[], deny: string[] = [], inheritNetwork = false) =>
      socketsOf(setting, {
        policy: networkPolicy(
          { ...options, inheritNetwork },
          { allow: allow.map(parseNetRule), deny: deny.map(parseNetRule) },
        ),
      });

    it("without the network there are no sockets", async () => {
      for (const policy of [networkPolicy(options), networkPolicy({ ...options, inheritNetwork: true, udp: false })])
        assert.equal(await outcome(() => socketsOf(setting, { policy }).udp("create", "ipv4")), "access-denied");
    });

    it("with sockets and no addresses every address is access-denied, and nothing is bound", async () => {
      const guest = socketsOf(setting, { policy: networkPolicy({ ...options, udp: true }) });
      const socket = udpSocket(guest);
      assert.equal(await outcome(() => guest.udpDone("bind", socket, loopback())), "access-denied");
      assert.equal(await outcome(() => guest.udpDone("connect", socket, loopback(1))), "access-denied");
      assert.equal(await outcome(() => guest.udpDone("send", socket, encode("x"), loopback(1))), "access-denied");
      assert.equal(await outcome(() => guest.udp("get-local-address", socket)), I);
    });

    it("by rule, whom it may send to it may hear, and nobody else", async () => {
      const [friend, stranger] = [await bound(), await bound()];
      const guest = ruled([`udp:127.0.0.1:${addressOf(friend).val.port}`]);
      const socket = udpSocket(guest);
      await guest.udpDone("send", socket, encode("hello"), addressOf(friend));
      const [, from] = await receive(friend);
      assert.equal(
        await outcome(() => guest.udpDone("send", socket, encode("x"), addressOf(stranger))),
        "access-denied",
      );
      await udpDone("send", stranger, encode("not for you"), from);
      await udpDone("send", friend, encode("for you"), from);
      assert.equal(decode((await guest.udpDone<Datagram>("receive", socket))[0]), "for you");
    });
  });
});

function* readable(socket: UdpSocket): Blocking<void> {
  yield socket.receivable;
}
