import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type IpAddressFamily,
  type IpSocketAddress,
  type Machine,
  READABLE,
  type UdpHandle,
  WRITABLE,
} from "../../src/adapters/contract.ts";
import { close, decode, encode, look, loopback, ok, wait } from "./sockets.ts";

/** What every machine's UDP sockets must do: the contract of UdpHandle, clause by clause. */
export function testUdp(name: string, machine: Machine): void {
  function bound(family: IpAddressFamily = "ipv4"): { socket: UdpHandle; address: IpSocketAddress } {
    const socket = ok(machine.net.createUdpSocket(family));
    assert.equal(socket.bind(loopback(family)), undefined);
    return { socket, address: ok(socket.localAddress()) };
  }

  function receive(socket: UdpHandle): string {
    wait(machine, socket.source, READABLE);
    return decode(machine.buffer.subarray(0, Number(ok(socket.receive()))));
  }

  describe(`udp on ${name}`, () => {
    for (const family of ["ipv4", "ipv6"] as const) {
      it(`carries datagrams, one at a time, with their senders, over ${family}`, () => {
        const one = bound(family);
        const two = bound(family);
        assert.equal(one.socket.send(encode("first"), two.address), undefined);
        assert.equal(one.socket.send(new Uint8Array(0), two.address), undefined);
        assert.equal(one.socket.send(encode("third"), two.address), undefined);
        for (const text of ["first", "", "third"]) {
          assert.equal(receive(two.socket), text);
          assert.deepEqual(two.socket.sender(), one.address);
        }
        assert.equal(two.socket.receive(), "would-block");
        for (const { socket } of [one, two]) close(machine, socket);
      });

      it(`sends to its peer once connected, hears no other, and can be set free over ${family}`, () => {
        const one = bound(family);
        const two = bound(family);
        const other = bound(family);
        assert.equal(one.socket.remoteAddress(), "invalid-state");
        assert.equal(one.socket.connect(two.address), undefined);
        assert.deepEqual(one.socket.remoteAddress(), two.address);
        assert.equal(one.socket.send(encode("to my peer"), undefined), undefined);
        assert.equal(receive(two.socket), "to my peer");
        assert.equal(other.socket.send(encode("unheard"), one.address), undefined);
        assert.equal(two.socket.send(encode("heard"), one.address), undefined);
        assert.equal(receive(one.socket), "heard");
        assert.equal(one.socket.connect(other.address), undefined);
        assert.deepEqual(one.socket.remoteAddress(), other.address);
        assert.equal(one.socket.connect(undefined), undefined);
        assert.equal(one.socket.remoteAddress(), "invalid-state");
        for (const { socket } of [one, two, other]) close(machine, socket);
      });

      for (const option of ["unicast-hop-limit", "receive-buffer-size", "send-buffer-size"] as const) {
        it(`reads ${option} back over ${family}`, () => {
          const { socket } = bound(family);
          const value = option === "unicast-hop-limit" ? 42 : 0x10000;
          assert.equal(socket.setOption(option, value), undefined);
          assert.equal(socket.getOption(option), value);
          close(machine, socket);
        });
      }
    }

    it("is writable from the start", () => {
      const socket = ok(machine.net.createUdpSocket("ipv4"));
      assert.equal(look(machine, socket.source, READABLE | WRITABLE), WRITABLE);
      close(machine, socket);
    });

    it("carries the largest datagram, and refuses a larger one", () => {
      const { socket, address } = bound();
      const largest = new Uint8Array(65507).fill(7);
      assert.equal(socket.send(largest, address), undefined);
      wait(machine, socket.source, READABLE);
      assert.equal(socket.receive(), 65507);
      assert.ok(machine.buffer.subarray(0, 65507).every((byte) => byte === 7));
      assert.equal(socket.send(new Uint8Array(65508), address), "datagram-too-large");
      close(machine, socket);
    });

    it("hears of a port that nobody listens on", () => {
      const gone = bound();
      close(machine, gone.socket);
      const { socket } = bound();
      assert.equal(socket.connect(gone.address), undefined);
      assert.equal(socket.send(encode("anyone?"), undefined), undefined);
      wait(machine, socket.source, READABLE);
      assert.equal(socket.receive(), "connection-refused");
      close(machine, socket);
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
      it(`answers ${code} for ${what}`, () => {
        const other = bound();
        const socket = ok(machine.net.createUdpSocket("ipv4"));
        assert.equal(call(socket, other.address), code);
        close(machine, socket);
        close(machine, other.socket);
      });
    }
  });
}
