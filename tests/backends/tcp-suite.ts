import assert from "node:assert/strict";
import { describe } from "node:test";
import type { IpAddressFamily } from "../../src/machine/address.ts";
import { READABLE, WRITABLE } from "../../src/machine/selector.ts";
import type { TcpHandle, TcpOption } from "../../src/machine/sockets.ts";
import type { Backend } from "./backend.ts";
import { libc } from "./libc.ts";
import {
  accept,
  close,
  connect,
  decode,
  encode,
  finish,
  listen,
  look,
  loopback,
  ok,
  ownLoopback,
  pair,
  receiveAll,
  sendAll,
  wait,
} from "./sockets.ts";

/** What every machine's TCP sockets must do: the contract of TcpHandle, clause by clause. */
export function testTcp(backend: Backend): void {
  const { name, machine, it } = backend;
  describe(`tcp on ${name}`, () => {
    for (const family of ["ipv4", "ipv6"] as const) testConnections(backend, family);

    it("answers would-block where nothing is there", async () => {
      const { listener, server, close } = await pair(backend);
      assert.equal(listener.accept(), "would-block");
      assert.equal(server.receive(10), "would-block");
      close();
    });

    it("fills the peer's window, then answers would-block, and loses nothing", async () => {
      const { client, server, close } = await pair(backend);
      const piece = new Uint8Array(65536).map((_, i) => i * 7);
      let sent = 0;
      // The kernel may make room a moment later, by moving what it took to the peer's buffer: full is when it does not.
      do {
        const before = sent;
        for (;;) {
          const count = client.send(piece.subarray(sent % 65536));
          if (count === "would-block") break;
          sent += Number(ok(count));
        }
        assert.ok(sent > before, "writable, and takes nothing");
      } while ((await look(backend, client.source, WRITABLE)) !== 0);
      const all = await receiveAll(backend, server, sent);
      assert.equal(
        all.findIndex((byte, i) => byte !== piece[i % 65536]),
        -1,
      );
      await wait(backend, client.source, WRITABLE);
      close();
    });

    it("takes at most one buffer of a longer piece", async () => {
      const { client, close } = await pair(backend);
      const count = ok(client.send(new Uint8Array(200_000)));
      assert.ok(Number(count) >= 1 && Number(count) <= 65536, `took ${count}`);
      close();
    });

    it("half-closes: the other direction goes on", async () => {
      const { client, server, close } = await pair(backend);
      await sendAll(backend, client, encode("last words"));
      assert.equal(client.shutdown("send"), undefined);
      assert.equal(decode(await receiveAll(backend, server, 10)), "last words");
      await wait(backend, server.source, READABLE);
      assert.equal(server.receive(10), 0);
      assert.equal(server.receive(10), 0);
      await sendAll(backend, server, encode("answer"));
      assert.equal(decode(await receiveAll(backend, client, 6)), "answer");
      close();
    });

    it("answers invalid-state for a shutdown once both sides have ended", async () => {
      const { client, server, close } = await pair(backend);
      for (const again of [1, 2]) assert.equal(server.shutdown("send"), undefined, String(again));
      // One after the other: ends that meet on their way have to be acknowledged before anything is over.
      await wait(backend, client.source, READABLE);
      assert.equal(client.shutdown("send"), undefined);
      await wait(backend, server.source, READABLE);
      assert.equal(server.receive(10), 0);
      for (const how of ["receive", "send"] as const) assert.equal(server.shutdown(how), "invalid-state");
      close();
    });

    it("takes any shutdown while the peer's side is open", async () => {
      const { server, close } = await pair(backend);
      for (const how of ["receive", "send", "receive", "send"] as const) assert.equal(server.shutdown(how), undefined);
      close();
    });

    it("answers broken-pipe for a send after shutdown, and lives (SIGPIPE is ignored)", async () => {
      const { client, close } = await pair(backend);
      assert.equal(client.shutdown("send"), undefined);
      assert.equal(client.send(encode("x")), "broken-pipe");
      close();
    });

    it("reports a reset once it has come", async () => {
      const { client, server, listener } = await pair(backend);
      await sendAll(backend, client, encode("never read"));
      await wait(backend, server.source, READABLE);
      close(backend, server);
      await wait(backend, client.source, READABLE);
      assert.equal(client.receive(10), "connection-reset");
      assert.equal(client.shutdown("send"), "invalid-state");
      close(backend, client);
      close(backend, listener);
    });

    it("closes with a reset where one is asked for", async () => {
      const { listener, client, server } = await pair(backend);
      server.reset();
      await wait(backend, client.source, READABLE);
      assert.equal(client.receive(10), "connection-reset");
      close(backend, client);
      close(backend, listener);
    });

    it("reports to a sender that does not read that its peer has gone", async () => {
      const { client, server, listener } = await pair(backend);
      await sendAll(backend, client, new Uint8Array(300_000));
      await wait(backend, server.source, READABLE);
      close(backend, client);
      // Two in one turn: what the first is answered with, nobody has seen yet.
      const twice = () => [server.send(encode("x")), server.send(encode("x"))] as const;
      let [, sent] = twice();
      for (; typeof sent === "number" || sent === "would-block"; [, sent] = twice())
        await wait(backend, server.source, WRITABLE);
      assert.ok(sent === "broken-pipe" || sent === "connection-reset", String(sent));
      assert.equal(server.shutdown("send"), "invalid-state");
      close(backend, server);
      close(backend, listener);
    });

    it("reports a refused connection", async () => {
      // libc's does not listen; nobody else can meanwhile.
      const silent = ok(libc.machine.net.createTcpSocket("ipv4"));
      assert.equal(silent.bind(loopback("ipv4")), undefined);
      const client = ok(machine.net.createTcpSocket("ipv4"));
      const result = client.connect(ok(silent.localAddress()));
      assert.equal(await finish(backend, client, result), "connection-refused");
      close(backend, client);
      close(libc, silent);
    });

    it("reports an address in use", async () => {
      const listener = await listen(backend);
      const second = ok(machine.net.createTcpSocket("ipv4"));
      assert.equal(await finish(backend, second, second.bind(ok(listener.localAddress()))), "address-in-use");
      close(backend, second);
      close(backend, listener);
    });

    it("binds a port again at once after its connections", async () => {
      const first = await pair(backend, "ipv4", ownLoopback());
      first.close();
      const again = ok(machine.net.createTcpSocket("ipv4"));
      assert.equal(await finish(backend, again, again.bind(first.address)), undefined);
      assert.equal(again.listen(1), undefined);
      close(backend, again);
    });

    it("refuses peers of a bound socket that does not listen", async () => {
      const socket = ok(machine.net.createTcpSocket("ipv4"));
      assert.equal(await finish(backend, socket, socket.bind(loopback("ipv4"))), undefined);
      const client = ok(machine.net.createTcpSocket("ipv4"));
      const result = client.connect(ok(socket.localAddress()));
      assert.equal(await finish(backend, client, result), "connection-refused");
      for (const each of [client, socket]) close(backend, each);
    });

    it("connects from the address that it was bound to", async () => {
      const listener = await listen(backend);
      const client = ok(machine.net.createTcpSocket("ipv4"));
      assert.equal(await finish(backend, client, client.bind(loopback("ipv4"))), undefined);
      const local = ok(client.localAddress());
      assert.equal(await finish(backend, client, client.connect(ok(listener.localAddress()))), undefined);
      assert.deepEqual(client.localAddress(), local);
      const server = await accept(backend, listener);
      assert.deepEqual(server.remoteAddress(), local);
      for (const each of [client, server, listener]) close(backend, each);
    });

    it("delivers what was sent before a close, and then the end", async () => {
      const { client, server, listener } = await pair(backend);
      const bytes = new Uint8Array(300_000).map((_, i) => i * 7);
      let sent = 0;
      for (let count: unknown = 0; typeof count === "number" && sent < bytes.length; sent += Number(count) || 0)
        count = client.send(bytes.subarray(sent));
      close(backend, client);
      assert.deepEqual(await receiveAll(backend, server, sent), bytes.subarray(0, sent));
      await wait(backend, server.source, READABLE);
      assert.equal(server.receive(10), 0);
      for (const each of [server, listener]) close(backend, each);
    });

    it("ends its own stream by a shutdown, whatever comes", async () => {
      const { client, server, close } = await pair(backend);
      await sendAll(backend, client, encode("never read"));
      await wait(backend, server.source, READABLE);
      assert.equal(server.shutdown("receive"), undefined);
      await sendAll(backend, server, encode("answer"));
      assert.equal(decode(await receiveAll(backend, client, 6)), "answer");
      close();
    });

    const failures = [
      { what: "bind to another family", call: "bind", address: loopback("ipv6"), code: "invalid-argument" },
      { what: "bind to a foreign address", call: "bind", address: [192, 0, 2, 1], code: "address-not-bindable" },
      { what: "connect to another family", call: "connect", address: loopback("ipv6", 1), code: "invalid-argument" },
    ] as const;
    for (const { what, call, address, code } of failures) {
      it(`answers ${code} for a ${what}`, async () => {
        const socket = ok(machine.net.createTcpSocket("ipv4"));
        const target = "tag" in address ? address : ({ tag: "ipv4", val: { port: 0, address } } as const);
        assert.equal(await finish(backend, socket, socket[call](target)), code);
        close(backend, socket);
      });
    }

    it("answers invalid-state on a socket without a connection", async () => {
      const socket = ok(machine.net.createTcpSocket("ipv4"));
      assert.equal(socket.remoteAddress(), "invalid-state");
      assert.equal(socket.receive(1), "invalid-state");
      assert.equal(socket.shutdown("send"), "invalid-state");
      close(backend, socket);
    });

    it("has an unbound socket at the wildcard address, port 0", async () => {
      const socket = ok(machine.net.createTcpSocket("ipv6"));
      const nowhere = { port: 0, flowInfo: 0, address: [0, 0, 0, 0, 0, 0, 0, 0], scopeId: 0 };
      assert.deepEqual(socket.localAddress(), { tag: "ipv6", val: nowhere });
      close(backend, socket);
    });

    it("keeps IPv6 sockets from IPv4 peers", async () => {
      // libc's has the port on IPv4 and does not listen: no other process's listener answers there.
      const silent = ok(libc.machine.net.createTcpSocket("ipv4"));
      assert.equal(silent.bind(loopback("ipv4")), undefined);
      const { port } = ok(silent.localAddress()).val;
      const listener = ok(machine.net.createTcpSocket("ipv6"));
      const anywhere = { port, flowInfo: 0, address: [0, 0, 0, 0, 0, 0, 0, 0], scopeId: 0 };
      assert.equal(await finish(backend, listener, listener.bind({ tag: "ipv6", val: anywhere })), undefined);
      assert.equal(listener.listen(1), undefined);
      const client = ok(machine.net.createTcpSocket("ipv4"));
      assert.equal(await finish(backend, client, client.connect(loopback("ipv4", port))), "connection-refused");
      close(backend, client);
      close(backend, listener);
      close(libc, silent);
    });

    for (const family of ["ipv4", "ipv6"] as const) testOptions(backend, family);
  });
}

function testConnections(backend: Backend, family: IpAddressFamily): void {
  const { it } = backend;
  it(`carries bytes both ways over ${family}`, async () => {
    const { client, server, address, close } = await pair(backend, family);
    assert.deepEqual(client.remoteAddress(), address);
    assert.deepEqual(server.localAddress(), address);
    assert.deepEqual(server.remoteAddress(), client.localAddress());
    assert.deepEqual(ok(address).val.address, loopback(family).val.address);
    await sendAll(backend, client, encode("ping"));
    assert.equal(decode(await receiveAll(backend, server, 4)), "ping");
    await sendAll(backend, server, encode("pong"));
    assert.equal(decode(await receiveAll(backend, client, 4)), "pong");
    close();
  });

  it(`accepts in the order of the connections over ${family}`, async () => {
    const listener = await listen(backend, family);
    const address = ok(listener.localAddress());
    const clients: TcpHandle[] = [];
    while (clients.length < 8) clients.push(await connect(backend, address));
    for (const client of clients) {
      const server = await accept(backend, listener);
      assert.deepEqual(server.remoteAddress(), client.localAddress());
      close(backend, server);
      close(backend, client);
    }
    assert.equal(listener.accept(), "would-block");
    close(backend, listener);
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

function testOptions(backend: Backend, family: IpAddressFamily): void {
  const { machine, it } = backend;
  for (const { option, set, got } of options) {
    it(`reads ${option} ${set} back as ${got} over ${family}`, async () => {
      const socket = ok(machine.net.createTcpSocket(family));
      assert.equal(socket.setOption(option, set), undefined);
      assert.equal(socket.getOption(option), got);
      close(backend, socket);
    });
  }

  it(`gives accepted sockets the listener's options over ${family}`, async () => {
    const listener = await listen(backend, family);
    assert.equal(listener.setOption("keep-alive-idle-time", 42e9), undefined);
    assert.equal(listener.setOption("hop-limit", 42), undefined);
    assert.equal(listener.setOption("receive-buffer-size", 0x10000), undefined);
    const client = await connect(backend, ok(listener.localAddress()));
    const server = await accept(backend, listener);
    assert.equal(server.getOption("keep-alive-idle-time"), 42e9);
    assert.equal(server.getOption("hop-limit"), 42);
    assert.ok(Number(ok(server.getOption("receive-buffer-size"))) >= 0x10000);
    for (const socket of [server, client, listener]) close(backend, socket);
  });

  it(`takes the largest buffer sizes as a hint over ${family}`, async () => {
    const socket = ok(machine.net.createTcpSocket(family));
    assert.equal(socket.setOption("receive-buffer-size", 0x7fff_ffff), undefined);
    assert.equal(socket.setOption("send-buffer-size", 0x7fff_ffff), undefined);
    close(backend, socket);
  });
}
