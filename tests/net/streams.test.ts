import assert from "node:assert/strict";
import { it } from "node:test";
import { ErrDeadlineExceeded, ErrNetClosing } from "../../src/net/errors.ts";
import { eachNet, encode, readText, stateOf } from "./nets.ts";

const MANY = 64 << 20;

await eachNet((net) => {
  it("are made once", async () => {
    await using pair = await net.pair();
    assert.equal(pair.client.readable, pair.client.readable);
    assert.equal(pair.client.writable, pair.client.writable);
  });

  it("an echo is a pipe; its connection is closed when both ways have ended", async () => {
    await using pair = await net.pair();
    const echo = pair.server.readable.pipeTo(pair.server.writable);
    await pair.client.write(encode("hello"));
    assert.equal(await readText(pair.client, 5), "hello");
    await pair.client.closeWrite();
    assert.equal(await pair.client.read(new Uint8Array(1)), 0);
    await echo;
    await assert.rejects(pair.server.read(new Uint8Array(1)), ErrNetClosing);
  });

  it("many bytes go through both ways and arrive as they were", async () => {
    await using pair = await net.pair();
    const echo = pair.server.readable.pipeTo(pair.server.writable);
    const sent = new Uint8Array(4 << 20).map((_, i) => i % 251);
    const writer = pair.client.writable.getWriter();
    const writing = (async () => {
      for (let at = 0; at < sent.length; at += 100_000) await writer.write(sent.subarray(at, at + 100_000));
      await writer.close();
    })();
    let at = 0;
    for await (const chunk of pair.client.readable) {
      assert.deepEqual(chunk, sent.subarray(at, at + chunk.length));
      at += chunk.length;
    }
    assert.equal(at, sent.length);
    await Promise.all([writing, echo]);
  });

  it("a reader with a buffer of its own gets it back filled", async () => {
    await using pair = await net.pair();
    await pair.server.write(encode("abcdef"));
    await pair.server.closeWrite();
    const reader = pair.client.readable.getReader({ mode: "byob" });
    const first = await reader.read(new Uint8Array(4));
    assert.deepEqual([first.done, first.value], [false, encode("abcd")]);
    const second = await reader.read(new Uint8Array(4));
    assert.deepEqual([second.done, second.value], [false, encode("ef")]);
    assert.equal((await reader.read(new Uint8Array(4))).done, true);
  });

  it("nothing is read before it is asked for: the peer's write waits", async () => {
    await using pair = await net.pair();
    const { readable } = pair.client;
    const write = pair.server.write(new Uint8Array(MANY));
    await net.roundTrip();
    assert.equal(await stateOf(write), "pending");
    const end = pair.server.closeWrite();
    let total = 0;
    for await (const chunk of readable) total += chunk.length;
    assert.equal(total, MANY);
    await Promise.all([write, end]);
  });

  it("a writer is not ready while the peer does not read", async () => {
    await using pair = await net.pair();
    const writer = pair.client.writable.getWriter();
    const write = writer.write(new Uint8Array(MANY));
    await net.roundTrip();
    assert.equal(writer.desiredSize, 0);
    assert.equal(await stateOf(writer.ready), "pending");
    const buffer = new Uint8Array(65536);
    for (let got = 0; got < MANY; ) got += await pair.server.read(buffer);
    await write;
    await writer.ready;
    assert.equal(writer.desiredSize, 1);
  });

  it("a stream that is cancelled leaves the other one; then the connection is closed", async () => {
    await using pair = await net.pair();
    await pair.client.readable.cancel();
    const writer = pair.client.writable.getWriter();
    await writer.write(encode("still here"));
    assert.equal(await readText(pair.server, 10), "still here");
    await writer.close();
    assert.equal(await pair.server.read(new Uint8Array(1)), 0);
    await assert.rejects(pair.client.read(new Uint8Array(1)), ErrNetClosing);
  });

  it("a stream that is cancelled while a read of it waits leaves what comes, and the other one", async () => {
    await using pair = await net.pair();
    const reader = pair.client.readable.getReader();
    const read = reader.read();
    await net.roundTrip();
    await reader.cancel();
    assert.equal((await read).done, true);
    await pair.server.write(encode("late"));
    assert.equal(await readText(pair.client, 4), "late");
    const writer = pair.client.writable.getWriter();
    await writer.write(encode("still here"));
    assert.equal(await readText(pair.server, 10), "still here");
    await writer.close();
    assert.equal(await pair.server.read(new Uint8Array(1)), 0);
    await assert.rejects(pair.client.read(new Uint8Array(1)), ErrNetClosing);
  });

  it("aborting the writable closes the connection", async () => {
    await using pair = await net.pair();
    await pair.client.writable.abort(new Error("enough"));
    assert.equal(await pair.server.read(new Uint8Array(1)), 0);
    await assert.rejects(pair.client.read(new Uint8Array(1)), ErrNetClosing);
  });

  it("aborting the writable ends a write that waits", async () => {
    await using pair = await net.pair();
    const writer = pair.client.writable.getWriter();
    const write = assert.rejects(writer.write(new Uint8Array(MANY)));
    await net.roundTrip();
    const closed = assert.rejects(writer.closed, { message: "enough" });
    await Promise.all([writer.abort(new Error("enough")), write, closed]);
    await assert.rejects(pair.client.read(new Uint8Array(1)), ErrNetClosing);
  });

  it("a close fails the streams with ErrNetClosing", async () => {
    await using pair = await net.pair();
    const reader = pair.client.readable.getReader();
    const read = assert.rejects(reader.read(), ErrNetClosing);
    await Promise.all([read, pair.client.close()]);
    const closed = assert.rejects(pair.client.writable.getWriter().write(encode("x")), ErrNetClosing);
    await closed;
  });

  it("a deadline fails a stream, and with the other one the connection is closed", async () => {
    await using pair = await net.pair();
    pair.client.setReadDeadline(0);
    await assert.rejects(pair.client.readable.getReader().read(), ErrDeadlineExceeded);
    const writer = pair.client.writable.getWriter();
    await writer.write(encode("bye"));
    await writer.close();
    assert.equal(await readText(pair.server, 100), "bye");
    await assert.rejects(pair.client.write(encode("x")), ErrNetClosing);
  });
});
