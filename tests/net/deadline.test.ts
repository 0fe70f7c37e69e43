import assert from "node:assert/strict";
import { it } from "node:test";
import type { Conn } from "../../src/net/conn.ts";
import type { Deadline } from "../../src/net/deadline.ts";
import { ErrDeadlineExceeded, ErrNetClosing } from "../../src/net/errors.ts";
import { eachNet, encode, fullListener, type Net, type Pair, readText, soon, stateOf } from "./nets.ts";

const HOUR = 3_600_000;
/** Longer than a busy machine keeps a thread from its next line, ms. */
const SHORT = 100;

/** Fills what the system keeps for a connection, so that the next write waits. Answers the write that does. */
function fill(conn: Conn): Promise<void> {
  return conn.write(new Uint8Array(64 << 20));
}

/** Every call that a deadline ends, on a pair on which it must wait. */
const calls: Record<string, (pair: Pair) => { call: Promise<unknown>; set: (deadline: Deadline) => void }> = {
  "read, by its own deadline": ({ client }) => ({
    call: client.read(new Uint8Array(1)),
    set: (deadline) => client.setReadDeadline(deadline),
  }),
  "read, by both": ({ client }) => ({
    call: client.read(new Uint8Array(1)),
    set: (deadline) => client.setDeadline(deadline),
  }),
  "write, by its own deadline": ({ client }) => ({
    call: fill(client),
    set: (deadline) => client.setWriteDeadline(deadline),
  }),
  "write, by both": ({ client }) => ({
    call: fill(client),
    set: (deadline) => client.setDeadline(deadline),
  }),
};

function isDeadline(operation: string) {
  return (error: unknown) => {
    assert.ok(error instanceof ErrDeadlineExceeded, String(error));
    assert.equal(error.code, "deadline-exceeded");
    assert.equal(error.operation, operation);
    assert.equal(error.message, `${operation} ${error.address}: deadline exceeded`);
    return true;
  };
}

await eachNet((net) => {
  for (const [name, start] of Object.entries(calls)) {
    const operation = name.split(",")[0]!;

    it(`a deadline in the past ends a waiting ${name}`, async () => {
      await using pair = await net.pair();
      const { call, set } = start(pair);
      set(new Date(0));
      await assert.rejects(call, isDeadline(operation));
    });

    it(`a deadline in the future ends a waiting ${name}, not early`, async () => {
      await using pair = await net.pair();
      const { call, set } = start(pair);
      const deadline = soon(20);
      set(deadline);
      await assert.rejects(call, isDeadline(operation));
      assert.ok(Date.now() >= deadline, `${deadline - Date.now()} ms early`);
    });

    it(`a deadline that is moved ends a waiting ${name} when it says now`, async () => {
      await using pair = await net.pair();
      const { call, set } = start(pair);
      set(soon(HOUR));
      const deadline = soon(20);
      set(deadline);
      await assert.rejects(call, isDeadline(operation));
      assert.ok(Date.now() >= deadline);
    });

    it(`a deadline that is taken away does not end a waiting ${name}`, async () => {
      await using pair = await net.pair();
      const { call, set } = start(pair);
      set(soon(SHORT));
      set(undefined);
      await passes(net, 2 * SHORT);
      assert.equal(await stateOf(call), "pending");
      set(soon(-1));
      await assert.rejects(call, isDeadline(operation));
    });

    it(`a deadline that is put off does not end a waiting ${name} before`, async () => {
      await using pair = await net.pair();
      const { call, set } = start(pair);
      set(soon(SHORT));
      set(soon(HOUR));
      await passes(net, 2 * SHORT);
      assert.equal(await stateOf(call), "pending");
      set(new Date());
      await assert.rejects(call, isDeadline(operation));
    });
  }

  it("a deadline in the past fails a read at once, though there is data; without it the data is there", async () => {
    await using pair = await net.pair();
    await pair.client.write(encode("data"));
    pair.server.setReadDeadline(new Date(Date.now() - 5000));
    for (let i = 0; i < 2; i++) await assert.rejects(pair.server.read(new Uint8Array(4)), isDeadline("read"));
    pair.server.setReadDeadline(undefined);
    assert.equal(await readText(pair.server, 4), "data");
  });

  it("a deadline in the past fails a write at once, though there is space; without it the write goes on", async () => {
    await using pair = await net.pair();
    pair.client.setWriteDeadline(0);
    await assert.rejects(pair.client.write(encode("no")), (error) => {
      isDeadline("write")(error);
      assert.equal((error as ErrDeadlineExceeded).written, 0);
      return true;
    });
    pair.client.setWriteDeadline(undefined);
    await pair.client.write(encode("yes"));
    assert.equal(await readText(pair.server, 3), "yes");
  });

  it("a write that its deadline ended says how much was taken, and that arrives", async () => {
    await using pair = await net.pair();
    const write = fill(pair.client);
    pair.client.setWriteDeadline(soon(10));
    let written = 0;
    await assert.rejects(write, (error) => {
      assert.ok(error instanceof ErrDeadlineExceeded);
      written = error.written;
      return true;
    });
    assert.ok(written > 0 && written < 64 << 20, `${written} bytes`);
    pair.client.setWriteDeadline(undefined);
    const end = pair.client.closeWrite();
    let got = 0;
    const buffer = new Uint8Array(65536);
    for (let count = await pair.server.read(buffer); count > 0; count = await pair.server.read(buffer)) got += count;
    await end;
    assert.equal(got, written);
  });

  it("a write deadline is none for reads, nor the other way round", async () => {
    await using pair = await net.pair();
    pair.client.setWriteDeadline(0);
    const read = readText(pair.client, 2);
    await pair.server.write(encode("ok"));
    assert.equal(await read, "ok");
    pair.client.setReadDeadline(0);
    pair.client.setWriteDeadline(undefined);
    await pair.client.write(encode("ok"));
    assert.equal(await readText(pair.server, 2), "ok");
  });

  it("both deadlines, then one taken away: that way is free", async () => {
    await using pair = await net.pair();
    pair.client.setDeadline(soon(-5000));
    pair.client.setReadDeadline(undefined);
    const read = pair.client.read(new Uint8Array(1));
    await passes(net, 5);
    assert.equal(await stateOf(read), "pending");
    await assert.rejects(pair.client.write(encode("x")), isDeadline("write"));
    await pair.client.close();
    await assert.rejects(read, ErrNetClosing);
  });

  it("a deadline in the past fails an accept at once, though a connection waits", async () => {
    await using listener = await net.listen();
    await using _client = await net.dial(listener.localAddress);
    listener.setDeadline(soon(-5000));
    for (let i = 0; i < 2; i++) await assert.rejects(listener.accept(), isDeadline("accept"));
    listener.setDeadline(undefined);
    await using _server = await listener.accept();
  });

  it("a deadline ends a waiting accept, not early, and the listener goes on without it", async () => {
    await using listener = await net.listen();
    const accept = listener.accept();
    const deadline = soon(20);
    listener.setDeadline(deadline);
    await assert.rejects(accept, isDeadline("accept"));
    assert.ok(Date.now() >= deadline);
    listener.setDeadline(undefined);
    const [client, server] = await Promise.all([net.dial(listener.localAddress), listener.accept()]);
    await Promise.all([client.close(), server.close()]);
  });

  it("one deadline fails all readers that wait, in their order", async () => {
    await using pair = await net.pair();
    const order: number[] = [];
    const reads = [0, 1, 2].map((i) =>
      pair.client.read(new Uint8Array(1)).finally(() => {
        order.push(i);
      }),
    );
    pair.client.setReadDeadline(soon(5));
    for (const read of reads) await assert.rejects(read, isDeadline("read"));
    assert.deepEqual(order, [0, 1, 2]);
  });

  it("many deadlines pass, each not early, whatever the order they were set in", async () => {
    await using listener = await net.listen();
    const base = Date.now() + 10;
    const delays = [40, 0, 60, 20, 80, 10, 70, 30, 50];
    const conns = await Promise.all(delays.map(() => net.dial(listener.localAddress)));
    await Promise.all(
      conns.map(async (conn, i) => {
        conn.setReadDeadline(base + delays[i]!);
        await assert.rejects(conn.read(new Uint8Array(1)), isDeadline("read"));
        assert.ok(Date.now() >= base + delays[i]!);
      }),
    );
    await Promise.all(conns.map((conn) => conn.close()));
  });

  it("a deadline that is put off before each read never passes", async () => {
    await using pair = await net.pair();
    const echo = (async () => {
      const buffer = new Uint8Array(1);
      while ((await pair.server.read(buffer)) > 0) await pair.server.write(buffer);
    })();
    for (let i = 0; i < 500; i++) {
      pair.client.setDeadline(soon(HOUR));
      await pair.client.write(encode("x"));
      assert.equal(await readText(pair.client, 1), "x");
    }
    await pair.client.closeWrite();
    await echo;
  });

  it("a deadline far away is as good as none", async () => {
    await using pair = await net.pair();
    for (const deadline of [new Date(8.64e15), Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY]) {
      pair.client.setDeadline(deadline);
      const read = readText(pair.client, 1);
      await pair.server.write(encode("x"));
      assert.equal(await read, "x");
    }
  });

  it("what is no point in time is a RangeError, and changes nothing", async () => {
    await using pair = await net.pair();
    for (const deadline of [Number.NaN, new Date(Number.NaN)]) {
      assert.throws(() => pair.client.setDeadline(deadline), {
        name: "RangeError",
        message: "a deadline is a number of milliseconds or a Date, not NaN",
      });
    }
    await pair.server.write(encode("x"));
    assert.equal(await readText(pair.client, 1), "x");
  });

  for (const timeout of [-5000, 0]) {
    it(`a dial with a timeout of ${timeout} fails at once`, async () => {
      await using listener = await net.listen();
      const address = `${listener.localAddress}`;
      await assert.rejects(net.dial(address, { timeout }), (error) => {
        isDeadline("dial")(error);
        assert.equal((error as Error).message, `dial ${address}: deadline exceeded`);
        return true;
      });
    });
  }

  it("a dial that gets no answer ends with its timeout, not early", async () => {
    await using full = await fullListener();
    const start = net.scheduler.now();
    await assert.rejects(net.dial(full.address, { timeout: 50 }), isDeadline("dial"));
    assert.ok(net.scheduler.now() - start >= 50e6);
  });

  it("a dial's timeout is no deadline of its connection", async () => {
    await using listener = await net.listen();
    await using client = await net.dial(listener.localAddress, { timeout: HOUR });
    await using server = await listener.accept();
    client.setDeadline(undefined);
    await server.write(encode("x"));
    assert.equal(await readText(client, 1), "x");
  });

  it("a timeout that is no number is a RangeError", async () => {
    await assert.rejects(net.dial("127.0.0.1:1", { timeout: Number.NaN }), RangeError);
  });
});

/** Waits until `ms` have passed, by the deadline of a connection of its own. */
async function passes(net: Net, ms: number): Promise<void> {
  await using pair = await net.pair();
  pair.client.setReadDeadline(soon(ms));
  await assert.rejects(pair.client.read(new Uint8Array(1)), ErrDeadlineExceeded);
}
