import assert from "node:assert/strict";
import { it } from "node:test";
import type { Conn } from "../../src/net/conn.ts";
import { countsDescriptors, drain, eachNet, encode, openDescriptors, readText, stateOf } from "./nets.ts";

const MANY = 64 << 20;

await eachNet((net) => {
  async function echo(conn: Conn): Promise<void> {
    const buffer = new Uint8Array(4096);
    for (let count = await conn.read(buffer); count > 0; count = await conn.read(buffer)) {
      await conn.write(buffer.subarray(0, count));
    }
    await conn.close();
  }

  /** `count` clients at once, three messages each. */
  async function serve(count: number): Promise<void> {
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

  it("200 connections at once, each its own bytes", () => serve(200));

  it("200 connections leave no descriptor behind", {
    skip: countsDescriptors ? false : "descriptors are counted in /proc",
  }, async () => {
    await serve(1);
    const before = openDescriptors();
    await serve(200);
    assert.equal(openDescriptors(), before);
  });

  it("a slow reader holds its writer up, and nobody else", async () => {
    await using slow = await net.pair();
    const write = slow.client.write(new Uint8Array(MANY));
    for (let i = 0; i < 5; i++) await net.roundTrip();
    assert.equal(await stateOf(write), "pending");
    const end = slow.client.closeWrite();
    assert.equal(await drain(slow.server), MANY);
    await Promise.all([write, end]);
  });

  it("both ends write until they are held up, then both read", async () => {
    await using pair = await net.pair();
    const writes = [pair.client, pair.server].map(async (conn) => {
      await conn.write(new Uint8Array(MANY));
      await conn.closeWrite();
    });
    await net.roundTrip();
    for (const write of writes) assert.equal(await stateOf(write), "pending");
    assert.deepEqual(await Promise.all([drain(pair.client), drain(pair.server)]), [MANY, MANY]);
    await Promise.all(writes);
  });

  it("a connection that is always ready does not keep timers from running", async () => {
    await using pair = await net.pair();
    let over = false;
    const pump = (async () => {
      const chunk = new Uint8Array(1024);
      while (!over) await pair.client.write(chunk);
      await pair.client.closeWrite();
    })();
    const sink = drain(pair.server);
    let ticks = 0;
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        if (++ticks < 5) return;
        clearInterval(timer);
        resolve();
      }, 1);
    });
    over = true;
    await pump;
    assert.ok((await sink) > 0);
  });

  it("idle connections with deadlines do not end each other's waits", async () => {
    await using listener = await net.listen();
    const clients = await Promise.all(Array.from({ length: 100 }, () => net.dial(listener.localAddress)));
    const reads = clients.map((client) => {
      client.setReadDeadline(Date.now() + 3_600_000);
      return client.read(new Uint8Array(1));
    });
    await net.roundTrip();
    assert.deepEqual(new Set(await Promise.all(reads.map(stateOf))), new Set(["pending"]));
    const failures = reads.map((read) => assert.rejects(read, { code: "deadline-exceeded" }));
    for (const client of clients) client.setReadDeadline(0);
    await Promise.all(failures);
    await Promise.all(clients.map((client) => client.close()));
  });
});
