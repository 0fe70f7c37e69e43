import assert from "node:assert/strict";
import { describe } from "node:test";
import type { IpAddressFamily, IpSocketAddress } from "../../src/machine/address.ts";
import type { ErrorCode } from "../../src/machine/error-code.ts";
import { READABLE, WRITABLE } from "../../src/machine/selector.ts";
import type { UdpHandle } from "../../src/machine/sockets.ts";
import type { Backend } from "./backend.ts";
import { libc } from "./libc.ts";
import { close, decode, encode, finish, look, loopback, ok, ownLoopback, wait } from "./sockets.ts";

/** What every machine's UDP sockets must do: the contract of UdpHandle, clause by clause. */
export function testUdp(backend: Backend): void {
  const { name, machine, it } = backend;
  async function bound(family: IpAddressFamily = "ipv4"): Promise<{ socket: UdpHandle; address: IpSocketAddress }> {
    const socket = ok(machine.net.createUdpSocket(family));
    assert.equal(await finish(backend, socket, socket.bind(loopback(family))), undefined);
    return { socket, address: ok(socket.localAddress()) };
  }

  /** Bound to a port that it has asked for by number: such a one outlives an association with a peer. */
  async function boundByNumber(family: IpAddressFamily): Promise<{ socket: UdpHandle; address: IpSocketAddress }> {
    for (;;) {
      const { socket: first, address } = await bound(family);
      close(backend, first);
      const socket = ok(machine.net.createUdpSocket(family));
      const error = await finish(backend, socket, socket.bind(address));
      if (error === undefined) return { socket, address };
      assert.equal(error, "address-in-use", "another process has it by now");
      close(backend, socket);
    }
  }

  async function send(socket: UdpHandle, bytes: Uint8Array, to: IpSocketAddress | undefined): Promise<void> {
    let error = socket.send(bytes, to);
    while (error === "would-block") {
      await wait(backend, socket.source, WRITABLE);
      error = socket.send(bytes, to);
    }
    assert.equal(error, undefined);
  }

  async function receive(socket: UdpHandle): Promise<string> {
    await wait(backend, socket.source, READABLE);
    return decode(machine.buffer.subarray(0, Number(ok(socket.receive()))));
  }

  describe(`udp on ${name}`, () => {
    for (const family of ["ipv4", "ipv6"] as const) {
      it(`carries datagrams, one at a time, with their senders, over ${family}`, async () => {
        const one = await bound(family);
        const two = await bound(family);
        await send(one.socket, encode("first"), two.address);
        await send(one.socket, new Uint8Array(0), two.address);
        await send(one.socket, encode("third"), two.address);
        for (const text of ["first", "", "third"]) {
          assert.equal(await receive(two.socket), text);
          assert.deepEqual(two.socket.sender(), one.address);
        }
        assert.equal(two.socket.receive(), "would-block");
        for (const { socket } of [one, two]) close(backend, socket);
      });

      it(`sends to its peer once connected, hears no other, and can be set free over ${family}`, async () => {
        const one = await bound(family);
        const two = await bound(family);
        const other = await bound(family);
        assert.equal(one.socket.remoteAddress(), "invalid-state");
        assert.equal(one.socket.connect(two.address), undefined);
        assert.deepEqual(one.socket.remoteAddress(), two.address);
        await send(one.socket, encode("to my peer"), undefined);
        assert.equal(await receive(two.socket), "to my peer");
        await send(other.socket, encode("unheard"), one.address);
        await send(two.socket, encode("heard"), one.address);
        assert.equal(await receive(one.socket), "heard");
        assert.equal(one.socket.connect(other.address), undefined);
        assert.deepEqual(one.socket.remoteAddress(), other.address);
        assert.equal(one.socket.connect(undefined), undefined);
        assert.equal(one.socket.remoteAddress(), "invalid-state");
        for (const { socket } of [one, two, other]) close(backend, socket);
      });

      it(`hears nothing of what others sent while it had a peer over ${family}`, async () => {
        const { socket, address } = await boundByNumber(family);
        const peer = await bound(family);
        assert.equal(socket.connect(peer.address), undefined);
        const other = ok(libc.machine.net.createUdpSocket(family));
        assert.equal(other.bind(loopback(family)), undefined);
        assert.equal(other.connect(address), undefined);
        assert.equal(other.send(encode("unheard"), undefined), undefined);
        // It has come when ICMP says that nobody is there for it; of the runtimes' own sockets the kernel knows no peer.
        if (machine.selector.neverWaits !== true) await wait(libc, other.source, READABLE);
        assert.equal(socket.connect(undefined), undefined);
        await send(peer.socket, encode("heard"), address);
        assert.equal(await receive(socket), "heard");
        close(libc, other);
        close(backend, socket);
        close(backend, peer.socket);
      });

      it(`tells buffer sizes before the bind over ${family}`, () => {
        const socket = ok(machine.net.createUdpSocket(family));
        for (const option of ["receive-buffer-size", "send-buffer-size"] as const)
          assert.ok(ok(socket.getOption(option)) > 0);
        close(backend, socket);
      });

      it(`takes options before the bind, which hold after it over ${family}`, async () => {
        const socket = ok(machine.net.createUdpSocket(family));
        assert.equal(socket.getOption("unicast-hop-limit"), 64);
        const values = { "unicast-hop-limit": 42, "receive-buffer-size": 0x10000, "send-buffer-size": 0x8000 } as const;
        const options = ["unicast-hop-limit", "receive-buffer-size", "send-buffer-size"] as const;
        for (const option of options) assert.equal(socket.setOption(option, values[option]), undefined);
        for (const option of options) assert.equal(socket.getOption(option), values[option]);
        assert.equal(await finish(backend, socket, socket.bind(loopback(family))), undefined);
        for (const option of options) assert.equal(socket.getOption(option), values[option]);
        close(backend, socket);
      });

      for (const option of ["unicast-hop-limit", "receive-buffer-size", "send-buffer-size"] as const) {
        it(`reads ${option} back over ${family}`, async () => {
          const { socket } = await bound(family);
          const value = option === "unicast-hop-limit" ? 42 : 0x10000;
          assert.equal(socket.setOption(option, value), undefined);
          assert.equal(socket.getOption(option), value);
          close(backend, socket);
        });
      }
    }

    it("has the address of its route once it has a peer", async () => {
      const socket = ok(machine.net.createUdpSocket("ipv4"));
      const anywhere: IpSocketAddress = { tag: "ipv4", val: { port: 0, address: [0, 0, 0, 0] } };
      assert.equal(await finish(backend, socket, socket.bind(anywhere)), undefined);
      assert.equal(socket.connect(loopback("ipv4", 9)), undefined);
      assert.deepEqual(ok(socket.localAddress()).val.address, [127, 0, 0, 1]);
      close(backend, socket);
    });

    it("refuses a peer that its address has no route to", async () => {
      const { socket } = await bound();
      const far: IpSocketAddress = { tag: "ipv4", val: { port: 9, address: [192, 0, 2, 1] } };
      assert.notEqual(socket.connect(far), undefined);
      close(backend, socket);
    });

    it("leaves a port's IPv4 to others where it is bound to `::`", async () => {
      const anywhere = { port: 0, flowInfo: 0, address: [0, 0, 0, 0, 0, 0, 0, 0], scopeId: 0 };
      let error: ErrorCode | undefined = "address-in-use";
      // Another process may have the port on IPv4; not three times.
      for (let tries = 0; tries < 3 && error === "address-in-use"; tries++) {
        const first = ok(machine.net.createUdpSocket("ipv6"));
        assert.equal(await finish(backend, first, first.bind({ tag: "ipv6", val: anywhere })), undefined);
        const { port } = ok(first.localAddress()).val;
        const second = ok(machine.net.createUdpSocket("ipv4"));
        error = await finish(backend, second, second.bind({ tag: "ipv4", val: { port, address: [0, 0, 0, 0] } }));
        for (const socket of [first, second]) close(backend, socket);
      }
      assert.equal(error, undefined);
    });

    it("binds a port again at once", async () => {
      const first = ok(machine.net.createUdpSocket("ipv4"));
      assert.equal(await finish(backend, first, first.bind(ownLoopback())), undefined);
      const address = ok(first.localAddress());
      close(backend, first);
      const again = ok(machine.net.createUdpSocket("ipv4"));
      assert.equal(await finish(backend, again, again.bind(address)), undefined);
      close(backend, again);
    });

    it("sends many at once, in order", async () => {
      const one = await bound();
      const two = await bound();
      const texts = Array.from({ length: 40 }, (_, i) => `datagram ${i}`);
      for (const text of texts) assert.equal(one.socket.send(encode(text), two.address), undefined);
      for (const text of texts) assert.equal(await receive(two.socket), text);
      for (const { socket } of [one, two]) close(backend, socket);
    });

    it("is writable from the start", async () => {
      const socket = ok(machine.net.createUdpSocket("ipv4"));
      assert.equal(await look(backend, socket.source, READABLE | WRITABLE), WRITABLE);
      close(backend, socket);
    });

    it("carries the largest datagram, and refuses a larger one", async () => {
      const { socket, address } = await bound();
      const largest = new Uint8Array(65507).fill(7);
      await send(socket, largest, address);
      await wait(backend, socket.source, READABLE);
      assert.equal(socket.receive(), 65507);
      assert.ok(machine.buffer.subarray(0, 65507).every((byte) => byte === 7));
      assert.equal(socket.send(new Uint8Array(65508), address), "datagram-too-large");
      close(backend, socket);
    });

    it("hears of a port that nobody listens on", async () => {
      const { socket } = await bound();
      // libc's hears its peer only, itself; nobody else can take the port meanwhile.
      const deaf = ok(libc.machine.net.createUdpSocket("ipv4"));
      assert.equal(deaf.bind(loopback("ipv4")), undefined);
      const gone = ok(deaf.localAddress());
      assert.equal(deaf.connect(gone), undefined);
      assert.equal(socket.connect(gone), undefined);
      await send(socket, encode("anyone?"), undefined);
      await wait(backend, socket.source, READABLE);
      assert.equal(socket.receive(), "connection-refused");
      close(backend, socket);
      close(libc, deaf);
    });

    const failures = [
      { what: "a bind to another family", code: "invalid-argument", call: (s: UdpHandle) => s.bind(loopback("ipv6")) },
      {
        what: "a connect to another family",
        code: "invalid-argument",
        call: (s: UdpHandle) => s.connect(loopback("ipv6", 9)),
      },
      {
        what: "a bind to an address in use",
        code: "address-in-use",
        call: (s: UdpHandle, used: IpSocketAddress) => s.bind(used),
      },
    ] as const;
    for (const { what, code, call } of failures) {
      it(`answers ${code} for ${what}`, async () => {
        const other = await bound();
        const socket = ok(machine.net.createUdpSocket("ipv4"));
        assert.equal(await finish(backend, socket, call(socket, other.address)), code);
        close(backend, socket);
        close(backend, other.socket);
      });
    }
  });
}
