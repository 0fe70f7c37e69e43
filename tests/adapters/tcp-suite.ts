import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type IpAddressFamily, type Machine, READABLE, type TcpOption, WRITABLE } from "../../src/adapters/contract.ts";
import {
  accept,
  close,
  connect,
  decode,
  encode,
  listen,
  look,
  loopback,
  ok,
  pair,
  receiveAll,
  sendAll,
  wait,
} from "./sockets.ts";

/** What every machine's TCP sockets must do: the contract of TcpHandle, clause by clause. */
export function testTcp(name: string, machine: Machine): void {
  describe(`tcp on ${name}`, () => {
    for (const family of ["ipv4", "ipv6"] as const) testConnections(machine, family);

    it("answers would-block where nothing is there", () => {
      const { listener, server, close } = pair(machine);
      assert.equal(listener.accept(), "would-block");
      assert.equal(server.receive(10), "would-block");
      close();
    });

    it("fills the peer's window, then answers would-block, and loses nothing", () => {
      const { client, server, close } = pair(machine);
      const piece = new Uint8Array(65536).map((_, i) => i * 7);
      let sent = 0;
      for (;;) {
        const count = client.send(piece.subarray(sent % 65536));
        if (count === "would-block") break;
        sent += Number(ok(count));
      }
      assert.equal(look(machine, client.source, WRITABLE), 0);
      const all = receiveAll(machine, server, sent);
      assert.equal(
        all.findIndex((byte, i) => byte !== piece[i % 65536]),
        -1,
      );
      wait(machine, client.source, WRITABLE);
      close();
    });

    it("takes at most one buffer of a longer piece", () => {
      const { client, close } = pair(machine);
      const count = ok(client.send(new Uint8Array(200_000)));
      assert.ok(Number(count) >= 1 && Number(count) <= 65536, `took ${count}`);
      close();
    });

    it("half-closes: the other direction goes on", () => {
      const { client, server, close } = pair(machine);
      sendAll(machine, client, encode("last words"));
      assert.equal(client.shutdown("send"), undefined);
      assert.equal(decode(receiveAll(machine, server, 10)), "last words");
      wait(machine, server.source, READABLE);
      assert.equal(server.receive(10), 0);
      assert.equal(server.receive(10), 0);
      sendAll(machine, server, encode("answer"));
      assert.equal(decode(receiveAll(machine, client, 6)), "answer");
      close();
    });

    it("answers broken-pipe for a send after shutdown, and lives (SIGPIPE is ignored)", () => {
      const { client, close } = pair(machine);
      assert.equal(client.shutdown("send"), undefined);
      assert.equal(client.send(encode("x")), "broken-pipe");
      close();
    });

    it("reports a reset once it has come", () => {
      const { client, server, listener } = pair(machine);
      sendAll(machine, client, encode("never read"));
      wait(machine, server.source, READABLE);
      close(machine, server);
      wait(machine, client.source, READABLE);
      assert.equal(client.receive(10), "connection-reset");
      close(machine, client);
      close(machine, listener);
    });

    it("reports a refused connection", () => {
      const listener = listen(machine);
      const address = ok(listener.localAddress());
      close(machine, listener);
      const client = ok(machine.net.createTcpSocket("ipv4"));
      assert.equal(client.connect(address), "would-block");
      wait(machine, client.source, WRITABLE);
      assert.equal(client.outcome(), "connection-refused");
      close(machine, client);
    });

    it("reports an address in use", () => {
      const listener = listen(machine);
      const second = ok(machine.net.createTcpSocket("ipv4"));
      assert.equal(second.bind(ok(listener.localAddress())), "address-in-use");
      close(machine, second);
      close(machine, listener);
    });

    it("binds a port again at once after its connections", () => {
      const first = pair(machine);
      first.close();
      const again = ok(machine.net.createTcpSocket("ipv4"));
      assert.equal(again.bind(first.address), undefined);
      assert.equal(again.listen(1), undefined);
      close(machine, again);
    });

    const failures = [
      { what: "bind to another family", call: "bind", address: loopback("ipv6"), code: "invalid-argument" },
      { what: "bind to a foreign address", call: "bind", address: [192, 0, 2, 1], code: "address-not-bindable" },
      { what: "connect to another family", call: "connect", address: loopback("ipv6", 1), code: "invalid-argument" },
    ] as const;
    for (const { what, call, address, code } of failures) {
      it(`answers ${code} for a ${what}`, () => {
        const socket = ok(machine.net.createTcpSocket("ipv4"));
        const target = "tag" in address ? address : ({ tag: "ipv4", val: { port: 0, address } } as const);
        assert.equal(socket[call](target), code);
        close(machine, socket);
      });
    }

    it("answers invalid-state on a socket without a connection", () => {
      const socket = ok(machine.net.createTcpSocket("ipv4"));
      assert.equal(socket.remoteAddress(), "invalid-state");
      assert.equal(socket.receive(1), "invalid-state");
      assert.equal(socket.shutdown("send"), "invalid-state");
      close(machine, socket);
    });

    it("has an unbound socket at the wildcard address, port 0", () => {
      const socket = ok(machine.net.createTcpSocket("ipv6"));
      const nowhere = { port: 0, flowInfo: 0, address: [0, 0, 0, 0, 0, 0, 0, 0], scopeId: 0 };
      assert.deepEqual(socket.localAddress(), { tag: "ipv6", val: nowhere });
      close(machine, socket);
    });

    it("keeps IPv6 sockets from IPv4 peers", () => {
      const listener = ok(machine.net.createTcpSocket("ipv6"));
      const anywhere = { port: 0, flowInfo: 0, address: [0, 0, 0, 0, 0, 0, 0, 0], scopeId: 0 };
      assert.equal(listener.bind({ tag: "ipv6", val: anywhere }), undefined);
      assert.equal(listener.listen(1), undefined);
      const { port } = ok(listener.localAddress()).val;
      const client = ok(machine.net.createTcpSocket("ipv4"));
      assert.equal(client.connect(loopback("ipv4", port)), "would-block");
      wait(machine, client.source, WRITABLE);
      assert.equal(client.outcome(), "connection-refused");
      close(machine, client);
      close(machine, listener);
    });

    for (const family of ["ipv4", "ipv6"] as const) testOptions(machine, family);
  });
}

function testConnections(machine: Machine, family: IpAddressFamily): void {
  it(`carries bytes both ways over ${family}`, () => {
    const { client, server, address, close } = pair(machine, family);
    assert.deepEqual(client.remoteAddress(), address);
    assert.deepEqual(server.localAddress(), address);
    assert.deepEqual(server.remoteAddress(), client.localAddress());
    assert.deepEqual(ok(address).val.address, loopback(family).val.address);
    sendAll(machine, client, encode("ping"));
    assert.equal(decode(receiveAll(machine, server, 4)), "ping");
    sendAll(machine, server, encode("pong"));
    assert.equal(decode(receiveAll(machine, client, 4)), "pong");
    close();
  });

  it(`accepts in the order of the connections over ${family}`, () => {
    const listener = listen(machine, family);
    const address = ok(listener.localAddress());
    const clients = Array.from({ length: 8 }, () => connect(machine, address));
    for (const client of clients) {
      const server = accept(machine, listener);
      assert.deepEqual(server.remoteAddress(), client.localAddress());
      close(machine, server);
      close(machine, client);
    }
    assert.equal(listener.accept(), "would-block");
    close(machine, listener);
  });
}

const options: readonly { option: TcpOption; set: number; got: number }[] = [
  { option: "keep-alive-enabled", set: 1, got: 1 },
  { option: "keep-alive-enabled", set: 0, got: 0 },
  { option: "keep-alive-idle-time", set: 42e9, got: 42e9 },
  { option: "keep-alive-idle-time", set: 41e9 + 1, got: 42e9 },
  { option: "keep-alive-idle-time", set: 32767e9, got: 32767e9 },
  { option: "keep-alive-interval", set: 1e9, got: 1e9 },
  { option: "keep-alive-count", set: 42, got: 42 },
  { option: "hop-limit", set: 255, got: 255 },
  { option: "hop-limit", set: 1, got: 1 },
  { option: "receive-buffer-size", set: 0x10000, got: 0x10000 },
  { option: "send-buffer-size", set: 0x10000, got: 0x10000 },
];

function testOptions(machine: Machine, family: IpAddressFamily): void {
  for (const { option, set, got } of options) {
    it(`reads ${option} ${set} back as ${got} over ${family}`, () => {
      const socket = ok(machine.net.createTcpSocket(family));
      assert.equal(socket.setOption(option, set), undefined);
      assert.equal(socket.getOption(option), got);
      close(machine, socket);
    });
  }

  it(`gives accepted sockets the listener's options over ${family}`, () => {
    const listener = listen(machine, family);
    assert.equal(listener.setOption("keep-alive-idle-time", 42e9), undefined);
    assert.equal(listener.setOption("hop-limit", 42), undefined);
    assert.equal(listener.setOption("receive-buffer-size", 0x10000), undefined);
    const client = connect(machine, ok(listener.localAddress()));
    const server = accept(machine, listener);
    assert.equal(server.getOption("keep-alive-idle-time"), 42e9);
    assert.equal(server.getOption("hop-limit"), 42);
    assert.ok(Number(ok(server.getOption("receive-buffer-size"))) >= 0x10000);
    for (const socket of [server, client, listener]) close(machine, socket);
  });

  it(`takes the largest buffer sizes as a hint over ${family}`, () => {
    const socket = ok(machine.net.createTcpSocket(family));
    assert.equal(socket.setOption("receive-buffer-size", 0x7fff_ffff), undefined);
    assert.equal(socket.setOption("send-buffer-size", 0x7fff_ffff), undefined);
    close(machine, socket);
  });
}
