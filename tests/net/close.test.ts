import assert from "node:assert/strict";
import { it } from "node:test";
import { formatSocketAddress } from "../../src/machine/ip.ts";
import type { Conn } from "../../src/net/conn.ts";
import { ErrDeadlineExceeded, ErrNetClosing, NetError } from "../../src/net/errors.ts";
import { ownLoopback } from "../backends/sockets.ts";
import { eachNet, encode, fullListener, readText, stateOf } from "./nets.ts";

function isClosing(operation: string) {
  return (error: unknown) => {
    assert.ok(error instanceof ErrNetClosing, String(error));
    assert.ok(error instanceof NetError && error instanceof Error);
    assert.equal(error.name, "ErrNetClosing");
    assert.equal(error.code, "net-closing");
    assert.equal(error.message, `${operation} ${error.address}: use of closed network connection`);
    return true;
  };
}

/** Where a port that was given back stays free. */
const own = formatSocketAddress(ownLoopback());

/** What a closed connection refuses. */
const closedCalls: Record<string, (conn: Conn) => Promise<unknown>> = {
  read: (conn) => conn.read(new Uint8Array(1)),
  write: (conn) => conn.write(new Uint8Array(1)),
  "close-write": (conn) => conn.closeWrite(),
  "set-deadline": async (conn) => conn.setDeadline(undefined),
};

await eachNet((net) => {
  for (const [operation, call] of Object.entries(closedCalls)) {
    it(`${operation} on a closed connection fails`, async () => {
      await using pair = await net.pair();
      await pair.client.close();
      for (let i = 0; i < 2; i++) await assert.rejects(call(pair.client), isClosing(operation));
    });
  }

  it("close wakes a reader and a writer that wait", async () => {
    await using pair = await net.pair();
    const read = assert.rejects(pair.client.read(new Uint8Array(1)), isClosing("read"));
    const write = assert.rejects(pair.client.write(new Uint8Array(64 << 20)), (error) => {
      isClosing("write")(error);
      assert.ok((error as NetError).written > 0);
      return true;
    });
    await Promise.all([read, write, pair.client.close()]);
  });

  it("close wakes all readers, in their order", async () => {
    await using pair = await net.pair();
    const order: number[] = [];
    const reads = [0, 1, 2, 3].map((i) =>
      pair.client.read(new Uint8Array(1)).finally(() => {
        order.push(i);
      }),
    );
    const results = Promise.allSettled(reads);
    await pair.client.close();
    for (const result of await results) {
      assert.equal(result.status, "rejected");
      isClosing("read")(result.reason);
    }
    assert.deepEqual(order, [0, 1, 2, 3]);
  });

  it("the socket is closed when close answers, though calls were in flight", async () => {
    const listener = await net.listen(own);
    const accepts = [listener.accept(), listener.accept()].map((accept) => assert.rejects(accept, ErrNetClosing));
    await listener.close();
    await using again = await net.listen(listener.localAddress);
    assert.equal(`${again.localAddress}`, `${listener.localAddress}`);
    await Promise.all(accepts);
  });

  it("close is idempotent, also while it is under way, and by `await using`", async () => {
    await using pair = await net.pair();
    const read = assert.rejects(pair.client.read(new Uint8Array(1)), ErrNetClosing);
    const closes = [pair.client.close(), pair.client.close(), pair.client[Symbol.asyncDispose]()];
    await Promise.all([read, ...closes]);
    await pair.client.close();
  });

  it("closing beats a deadline that has passed", async () => {
    await using pair = await net.pair();
    pair.client.setDeadline(0);
    await assert.rejects(pair.client.read(new Uint8Array(1)), ErrDeadlineExceeded);
    await pair.client.close();
    await assert.rejects(pair.client.read(new Uint8Array(1)), ErrNetClosing);
  });

  it("closing one connection leaves the calls of others waiting", async () => {
    await using a = await net.pair();
    await using b = await net.pair();
    const read = readText(b.client, 2);
    const other = assert.rejects(a.client.read(new Uint8Array(1)), ErrNetClosing);
    await Promise.all([other, a.client.close()]);
    assert.equal(await stateOf(read), "pending");
    await b.server.write(encode("ok"));
    assert.equal(await read, "ok");
  });

  it("a descriptor that is used again does not get its predecessor's events", async () => {
    for (let i = 0; i < 20; i++) {
      await using pair = await net.pair();
      const read = assert.rejects(pair.client.read(new Uint8Array(1)), ErrNetClosing);
      await Promise.all([read, pair.client.close()]);
      await using next = await net.pair();
      const waiting = next.client.read(new Uint8Array(1));
      await pair.server.close();
      await net.roundTrip();
      assert.equal(await stateOf(waiting), "pending");
      await next.server.write(encode("x"));
      assert.equal(await waiting, 1);
    }
  });

  it("close wakes all accepts of a listener, and later ones fail; its connections stay", async () => {
    const listener = await net.listen(own);
    const [client, server] = await Promise.all([net.dial(listener.localAddress), listener.accept()]);
    const accepts = Promise.allSettled([listener.accept(), listener.accept()]);
    await listener.close();
    await listener.close();
    for (const result of await accepts) {
      assert.equal(result.status, "rejected");
      isClosing("accept")(result.reason);
      assert.equal(result.reason.address, `${listener.localAddress}`);
    }
    await assert.rejects(listener.accept(), isClosing("accept"));
    assert.throws(() => listener.setDeadline(undefined), isClosing("set-deadline"));
    // Deno's own listeners may still take one connection, and reset it.
    await assert.rejects(net.dial(listener.localAddress), { code: /^connection-(refused|reset)$/ });
    await client.write(encode("x"));
    assert.equal(await readText(server, 1), "x");
    await Promise.all([client.close(), server.close()]);
  });

  it("an iteration over a listener gets its connections, and ends with its close", async () => {
    const listener = await net.listen();
    const seen: number[] = [];
    const serving = (async () => {
      for await (const conn of listener) {
        seen.push(conn.remoteAddress.port);
        await conn.close();
      }
    })();
    const clients = [];
    for (let i = 0; i < 3; i++) {
      const client = await net.dial(listener.localAddress);
      assert.equal(await client.read(new Uint8Array(1)), 0);
      clients.push(client);
    }
    await listener.close();
    await serving;
    assert.deepEqual(
      seen,
      clients.map((client) => client.localAddress.port),
    );
    await Promise.all(clients.map((client) => client.close()));
  });

  it("an iteration that is left leaves the listener open; a deadline ends one with its error", async () => {
    await using listener = await net.listen();
    await using client = await net.dial(listener.localAddress);
    for await (const conn of listener) {
      await conn.close();
      break;
    }
    assert.equal(await client.read(new Uint8Array(1)), 0);
    listener.setDeadline(0);
    const serving = (async () => {
      for await (const conn of listener) await conn.close();
    })();
    await assert.rejects(serving, ErrDeadlineExceeded);
  });

  it("a signal that was aborted before keeps a dial from its start", async () => {
    await using listener = await net.listen();
    const reason = new Error("changed my mind");
    await assert.rejects(net.dial(listener.localAddress, { signal: AbortSignal.abort(reason) }), reason);
    listener.setDeadline(Date.now() + 5);
    await assert.rejects(listener.accept(), ErrDeadlineExceeded);
  });

  it("a signal ends a dial that waits, with its reason", async () => {
    await using full = await fullListener();
    const abort = new AbortController();
    const dial = net.dial(full.address, { signal: abort.signal });
    await net.roundTrip();
    assert.equal(await stateOf(dial), "pending");
    const reason = new Error("changed my mind");
    abort.abort(reason);
    await assert.rejects(dial, reason);
  });

  it("a signal ends a dial at whatever step it is aborted", { timeout: 60_000 }, async () => {
    await using full = await fullListener();
    const dials = Array.from({ length: 25 }, async (_, step) => {
      const abort = new AbortController();
      const dial = assert.rejects(net.dial(full.address, { signal: abort.signal }), (reason) => reason === step);
      for (let i = 0; i < step; i++) await undefined;
      abort.abort(step);
      await dial;
    });
    await Promise.all(dials);
  });

  it("AbortSignal.timeout ends a dial that waits, with a TimeoutError", async () => {
    await using full = await fullListener();
    await assert.rejects(net.dial(full.address, { signal: AbortSignal.timeout(10) }), { name: "TimeoutError" });
  });

  it("a signal ends a look-up", async () => {
    const abort = new AbortController();
    const dial = net.dial("nobody.invalid:80", { signal: abort.signal });
    abort.abort();
    await assert.rejects(dial, { name: "AbortError" });
  });

  it("a signal that is aborted after the dial does nothing to its connection", async () => {
    await using listener = await net.listen();
    const abort = new AbortController();
    const [client, server] = await Promise.all([
      net.dial(listener.localAddress, { signal: abort.signal }),
      listener.accept(),
    ]);
    abort.abort();
    await client.write(encode("x"));
    assert.equal(await readText(server, 1), "x");
    await Promise.all([client.close(), server.close()]);
  });
});
