import assert from "node:assert/strict";
import { describe } from "node:test";
import { createSuspendingMachine } from "../../src/library/machine.ts";
import { formatSocketAddress } from "../../src/machine/ip.ts";
import type { SuspendingMachine } from "../../src/machine/machine.ts";
import { WRITABLE } from "../../src/machine/selector.ts";
import type { TcpHandle } from "../../src/machine/sockets.ts";
import type { AddressLike } from "../../src/net/address.ts";
import type { Conn } from "../../src/net/conn.ts";
import { type DialOptions, dial } from "../../src/net/dial.ts";
import { listen } from "../../src/net/listen.ts";
import type { Listener } from "../../src/net/listener.ts";
import { Netpoll } from "../../src/net/netpoll.ts";
import { Scheduler } from "../../src/net/scheduler.ts";
import { runtime } from "../adapters/runtime.ts";
import { libc as waiter } from "../backends/libc.ts";
import { close, look, loopback, ok } from "../backends/sockets.ts";

/** The library on one machine, and what its tests share. Everything is on loopback. */
export class Net {
  readonly netpoll: Netpoll;
  readonly scheduler: Scheduler;

  constructor(machine: SuspendingMachine) {
    this.netpoll = new Netpoll(machine);
    this.scheduler = new Scheduler(this.netpoll);
  }

  dial(address: AddressLike, options?: DialOptions): Promise<Conn> {
    return dial(this.scheduler, address, options);
  }

  listen(address: AddressLike = "127.0.0.1:0"): Promise<Listener> {
    return listen(this.scheduler, address);
  }

  /** Two ends of one connection. */
  async pair(): Promise<Pair> {
    await using listener = await this.listen();
    const [client, server] = await Promise.all([this.dial(listener.localAddress), listener.accept()]);
    return new Pair(client, server);
  }

  /** One round trip on a connection of its own: what was ready or due before it has happened when it is over. */
  async roundTrip(): Promise<void> {
    await using pair = await this.pair();
    await pair.client.write(encode("ping"));
    await readText(pair.server, 4);
  }
}

export class Pair implements AsyncDisposable {
  readonly client: Conn;
  readonly server: Conn;

  constructor(client: Conn, server: Conn) {
    this.client = client;
    this.server = server;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.client.close(), this.server.close()]);
  }
}

const evented: { eventedMachine(): SuspendingMachine } = await import(
  `../../src/adapters/evented/${runtime}/machine.ts`
);

/** On libc's sockets, with a machine of its own: the other end of what is tested. */
export const libc = new Net(await createSuspendingMachine());

/** Defines the same tests over every machine that suspends. */
export async function eachNet(define: (net: Net) => void): Promise<void> {
  const posix = new Net(await createSuspendingMachine());
  describe("posix", () => define(posix));
  describe("evented", () => define(new Net(evented.eventedMachine())));
}

export const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Reads `length` bytes, or what comes before the end. */
export async function readText(conn: Conn, length: number): Promise<string> {
  const bytes = new Uint8Array(length);
  let got = 0;
  while (got < length) {
    const count = await conn.read(bytes.subarray(got));
    if (count === 0) break;
    got += count;
  }
  return new TextDecoder().decode(bytes.subarray(0, got));
}

/** Reads to the end; answers how many bytes came. */
export async function drain(conn: Conn): Promise<number> {
  const buffer = new Uint8Array(65536);
  let total = 0;
  for (let count = await conn.read(buffer); count > 0; count = await conn.read(buffer)) total += count;
  return total;
}

/** Answers what the promise has come to by now: a promise that is under way is `pending`. */
export async function stateOf(promise: Promise<unknown>): Promise<"pending" | "fulfilled" | "rejected"> {
  const now = Symbol("now");
  return await Promise.race([promise, Promise.resolve(now)]).then(
    (value) => (value === now ? "pending" : "fulfilled"),
    () => "rejected",
  );
}

/** In ms from now, for deadlines. */
export const soon = (ms: number): number => Date.now() + ms;

async function echo(conn: Conn): Promise<void> {
  const buffer = new Uint8Array(4096);
  for (let count = await conn.read(buffer); count > 0; count = await conn.read(buffer)) {
    await conn.write(buffer.subarray(0, count));
  }
  await conn.close();
}

/** An echo server and `count` clients at once, three messages each. */
export async function serve(net: Net, count: number): Promise<void> {
  const listener = await net.listen();
  const handlers: Promise<void>[] = [];
  const serving = (async () => {
    for await (const conn of listener) handlers.push(echo(conn));
  })();
  await Promise.all(
    Array.from({ length: count }, async (_, i) => {
      await using client = await net.dial(listener.localAddress);
      for (let n = 0; n < 3; n++) {
        const text = `client ${i} says ${n}`;
        await client.write(encode(text));
        assert.equal(await readText(client, text.length), text);
      }
    }),
  );
  await listener.close();
  await serving;
  assert.equal(handlers.length, count);
  await Promise.all(handlers);
}

/** An address that answers no more connects: a listener, libc's, whose backlog is full. */
export async function fullListener(): Promise<FullListener> {
  const { net } = waiter.machine;
  const listener = ok(net.createTcpSocket("ipv4"));
  assert.equal(listener.bind(loopback("ipv4")) ?? listener.listen(0), undefined);
  const address = ok(listener.localAddress());
  const clients: TcpHandle[] = [];
  // Each has asked before its answer is waited for: one that is late takes a place in the backlog all the same.
  let answered: number;
  do {
    const client = ok(net.createTcpSocket("ipv4"));
    clients.push(client);
    assert.equal(client.connect(address), "would-block");
    answered = await look(waiter, client.source, WRITABLE, 100e6);
  } while (answered !== 0);
  return {
    address: formatSocketAddress(address),
    async [Symbol.asyncDispose]() {
      for (const socket of [listener, ...clients]) close(waiter, socket);
    },
  };
}

interface FullListener extends AsyncDisposable {
  readonly address: string;
}
