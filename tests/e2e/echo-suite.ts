/** Echo servers, as C and CPython unless others are given, on every host: what the clients get back, the ticks meanwhile, the end. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Client, echoEach, freePort, listen } from "./client.ts";
import { buildPyecho, type Guest, guestFile, type Host, NETWORK, portOf, start } from "./host.ts";

export interface EchoGuest {
  readonly name: string;
  readonly file: string;
  /** Arguments before the address. */
  readonly args?: readonly string[];
  /** What it prints when the port is in use. */
  readonly inUse: RegExp;
  readonly skip: string | false;
}

/** Those of WASI 0.2. */
function guestsOfP2(): readonly EchoGuest[] {
  return [
    { name: "tcpecho", file: guestFile("tcpecho"), inUse: /^start-bind: address-in-use$/m, skip: false },
    { name: "pyecho", file: guestFile("build/pyecho"), inUse: /^start-bind: EADDRINUSE$/m, skip: buildPyecho() },
  ];
}

export function echoSuite(hosts: readonly Host[], guests: readonly EchoGuest[] = guestsOfP2()): void {
  for (const host of hosts) {
    for (const guest of guests) {
      describe(`${guest.name} on ${host.name}`, { skip: host.skip || guest.skip }, () => {
        describeEcho(host, guest);
        describeEnd(host, guest);
      });
    }
  }
}

function startOn(host: Host, { file, args = [] }: EchoGuest, port: number): Guest {
  return start(host, file, { flags: NETWORK, args: [...args, `127.0.0.1:${port}`] });
}

async function listening(host: Host, guest: EchoGuest, port = 0): Promise<{ server: Guest; port: number }> {
  const server = startOn(host, guest, port);
  return { server, port: await portOf(server) };
}

function describeEcho(host: Host, guest: EchoGuest): void {
  let server: Guest;
  let port: number;
  let started: number;

  before(async () => {
    started = performance.now();
    ({ server, port } = await listening(host, guest));
  });
  after(async () => {
    server.kill("SIGTERM");
    const { signal, stderr } = await server.outcome();
    assert.deepEqual({ signal, stderr }, { signal: "SIGTERM", stderr: "" }, "the server lived until the end");
  });

  it("echoes hello", async () => {
    const client = await Client.dial(port);
    await client.send("hello\n");
    assert.equal((await client.read(6)).toString(), "hello\n");
    client.close();
  });

  it("echoes two clients interleaved byte by byte, and ticks once a second meanwhile", async () => {
    const clients = await Promise.all([Client.dial(port), Client.dial(port)]);
    const messages = [Buffer.from("abcdefghij"), Buffer.from("0123456789")];
    let seen = 0;
    while (seen < 3) {
      for (let i = 0; i < 10; i++) {
        for (const [c, client] of clients.entries()) await client.send(messages[c]!.subarray(i, i + 1));
        for (const [c, client] of clients.entries())
          assert.deepEqual(await client.read(1), messages[c]!.subarray(i, i + 1));
      }
      const ticks = [...server.stdout.matchAll(/^tick (\d+)$/gm)].map(([, n]) => Number(n));
      assert.deepEqual(
        ticks,
        ticks.map((_, i) => i + 1),
        "ticks come in order",
      );
      if (ticks.length === seen) continue;
      seen = ticks.length;
      // Never early: the first is due a second after the guest listens.
      const elapsed = (performance.now() - started) / 1000;
      assert.ok(elapsed > seen, `tick ${seen} after ${elapsed.toFixed(2)} s`);
    }
    for (const client of clients) client.close();
  });

  it("gives everything back after a half-close, then ends", async () => {
    const client = await Client.dial(port);
    await client.send("the last words");
    client.end();
    assert.equal((await client.readToEnd()).toString(), "the last words");
    client.close();
  });

  it("echoes 8 MB to a client that reads nothing until another has been served", async () => {
    const bytes = Buffer.from(Uint32Array.from({ length: 2 << 20 }, (_, i) => Math.imul(i, 2654435761)).buffer);
    const slow = await Client.dial(port);
    const sent = slow.send(bytes).then(() => slow.end());
    const other = await Client.dial(port);
    await other.send("meanwhile");
    assert.equal((await other.read(9)).toString(), "meanwhile");
    other.close();
    const received = await slow.readToEnd();
    await sent;
    assert.equal(received.length, bytes.length);
    assert.ok(received.equals(bytes), "the same bytes in the same order");
    slow.close();
  });

  it("echoes 200 clients at once", async () => {
    const clients = await Promise.all(Array.from({ length: 200 }, () => Client.dial(port)));
    await echoEach(clients);
    for (const client of clients) client.close();
  });

  it("outlives clients that reset", async () => {
    for (const unread of [1, 65536, 4 << 20]) {
      const client = await Client.dial(port);
      const sent = client.send(new Uint8Array(unread)).catch(() => "reset");
      await client.read(1);
      client.reset();
      await sent;
    }
    const client = await Client.dial(port);
    await client.send("still here");
    assert.equal((await client.read(10)).toString(), "still here");
    client.close();
  });
}

function describeEnd(host: Host, guest: EchoGuest): void {
  it("ends by SIGINT while it waits in the kernel, and its port can be bound again at once", async () => {
    const { server, port } = await listening(host, guest, await freePort());
    await using _ = server;
    const client = await Client.dial(port);
    await client.send("x");
    await client.read(1);
    server.kill("SIGINT");
    const { status, signal } = await server.outcome();
    assert.deepEqual({ status, signal }, { status: null, signal: "SIGINT" });
    client.close();

    const again = await listening(host, guest, port);
    await using __ = again.server;
    assert.equal(again.port, port);
  });

  it("gets address-in-use for a port that is taken", async () => {
    const taken = await listen();
    try {
      await using server = startOn(host, guest, taken.port);
      const { status, stdout, stderr } = await server.outcome();
      assert.match(stderr, guest.inUse);
      assert.equal(stdout.toString(), "");
      assert.equal(status, 1);
    } finally {
      taken.server.close();
    }
  });
}
