import assert from "node:assert/strict";
import { it } from "node:test";
import { drain, eachNet, serve, stateOf } from "./nets.ts";

const MANY = 64 << 20;

await eachNet((net) => {
  it("200 connections at once, each its own bytes", () => serve(net, 200));

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
