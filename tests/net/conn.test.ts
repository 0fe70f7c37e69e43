import assert from "node:assert/strict";
import { it } from "node:test";
import { AddressError, SocketError } from "../../src/net/errors.ts";
import { drain, eachNet, encode, readText } from "./nets.ts";

await eachNet((net) => {
  for (const host of ["127.0.0.1", "[::1]"]) {
    it(`two ends talk on ${host}, and know their addresses`, async () => {
      await using listener = await net.listen(`${host}:0`);
      assert.ok(listener.localAddress.port > 0);
      assert.equal(`${listener.localAddress}`, `${host}:${listener.localAddress.port}`);
      const [client, server] = await Promise.all([net.dial(`${listener.localAddress}`), listener.accept()]);
      assert.equal(`${client.remoteAddress}`, `${listener.localAddress}`);
      assert.equal(`${server.remoteAddress}`, `${client.localAddress}`);
      assert.equal(`${server.localAddress}`, `${client.remoteAddress}`);
      await client.write(encode("ping"));
      assert.equal(await readText(server, 4), "ping");
      await server.write(encode("pong"));
      assert.equal(await readText(client, 4), "pong");
      await Promise.all([client.close(), server.close()]);
    });
  }

  it("an address may be given in two parts, and a listener's is one", async () => {
    await using listener = await net.listen({ host: "127.0.0.1", port: 0 });
    await using client = await net.dial(listener.localAddress);
    await using other = await net.dial({ host: "127.0.0.1", port: listener.localAddress.port });
    assert.equal(client.remoteAddress.port, other.remoteAddress.port);
  });

  it("a read answers what is there, 0 at the end and then again, and 0 for an empty buffer", async () => {
    await using pair = await net.pair();
    assert.equal(await pair.server.read(new Uint8Array(0)), 0);
    await pair.client.write(encode("abcdef"));
    const buffer = new Uint8Array(4);
    assert.equal(await pair.server.read(buffer), 4);
    assert.deepEqual(buffer, encode("abcd"));
    assert.equal(await pair.server.read(buffer), 2);
    assert.deepEqual(buffer.subarray(0, 2), encode("ef"));
    await pair.client.closeWrite();
    assert.equal(await pair.server.read(buffer), 0);
    assert.equal(await pair.server.read(buffer), 0);
  });

  it("a read fills its part of a larger buffer, and no more", async () => {
    await using pair = await net.pair();
    await pair.client.write(encode("abc"));
    const buffer = new Uint8Array(8).fill(1);
    assert.equal(await pair.server.read(buffer.subarray(2, 6)), 3);
    assert.deepEqual([...buffer], [1, 1, 97, 98, 99, 1, 1, 1]);
  });

  it("half-close: each side ends its writing by itself", async () => {
    await using pair = await net.pair();
    await pair.client.write(encode("question"));
    await pair.client.closeWrite();
    assert.equal(await readText(pair.server, 100), "question");
    await pair.server.write(encode("answer"));
    await pair.server.closeWrite();
    assert.equal(await readText(pair.client, 100), "answer");
  });

  it("a write after closeWrite is broken-pipe", async () => {
    await using pair = await net.pair();
    await pair.client.closeWrite();
    await assert.rejects(pair.client.write(encode("x")), (error) => {
      assert.ok(error instanceof SocketError);
      assert.equal(error.code, "broken-pipe");
      assert.equal(error.operation, "write");
      assert.equal(error.address, `${pair.client.remoteAddress}`);
      assert.equal(error.message, `write ${pair.client.remoteAddress}: broken-pipe`);
      return true;
    });
  });

  it("closeWrite comes after the writes that were called before it", async () => {
    await using pair = await net.pair();
    const size = 8 << 20;
    const write = pair.client.write(new Uint8Array(size));
    const end = pair.client.closeWrite();
    assert.equal(await drain(pair.server), size);
    await Promise.all([write, end]);
  });

  it("what was written before a close still arrives", async () => {
    const pair = await net.pair();
    await pair.server.write(encode("unread"));
    await pair.client.write(encode("last words"));
    await pair.client.close();
    assert.equal(await readText(pair.server, 100), "last words");
    await pair.server.close();
  });

  it("a peer that closes with unread data ends the writing", async () => {
    await using pair = await net.pair();
    await pair.client.write(encode("never read"));
    await pair.server.close();
    const writing = async () => {
      for (;;) await pair.client.write(new Uint8Array(65536));
    };
    await assert.rejects(writing(), (error) => {
      assert.ok(error instanceof SocketError);
      assert.match(error.code, /^(broken-pipe|connection-reset|connection-aborted)$/);
      return true;
    });
  });

  it("a dial that nobody answers is refused", async () => {
    await assert.rejects(net.dial("127.0.0.1:1"), (error) => {
      assert.ok(error instanceof SocketError);
      assert.equal(error.message, "dial 127.0.0.1:1: connection-refused");
      assert.deepEqual([error.operation, error.address, error.code], ["dial", "127.0.0.1:1", "connection-refused"]);
      return true;
    });
  });

  it("an address in use cannot be listened on", async () => {
    await using listener = await net.listen();
    await assert.rejects(net.listen(listener.localAddress), (error) => {
      assert.ok(error instanceof SocketError);
      assert.equal(error.message, `listen ${listener.localAddress}: address-in-use`);
      return true;
    });
  });

  it("an address of another machine cannot be listened on", async () => {
    await assert.rejects(net.listen("192.0.2.1:0"), (error) => {
      assert.ok(error instanceof SocketError);
      assert.equal(error.code, "address-not-bindable");
      return true;
    });
  });

  it("what is no address is told of as a rejection", async () => {
    await assert.rejects(net.dial("localhost"), AddressError);
    await assert.rejects(net.listen("localhost"), AddressError);
  });

  it("a name is looked up, and its addresses tried in turn", async () => {
    await using listener = await net.listen("127.0.0.1:0");
    await using client = await net.dial(`localhost:${listener.localAddress.port}`);
    assert.equal(`${client.remoteAddress}`, `${listener.localAddress}`);
    await using named = await net.listen("localhost:0");
    await using other = await net.dial({ host: "localhost", port: named.localAddress.port });
    assert.equal(other.remoteAddress.port, named.localAddress.port);
  });

  it("a name that nobody has is told of as it was given", async () => {
    await assert.rejects(net.dial("nobody.invalid:80"), (error) => {
      assert.ok(error instanceof SocketError);
      assert.match(error.message, /^dial nobody\.invalid:80: (name-unresolvable|temporary-resolver-failure)$/);
      return true;
    });
  });

  it("a reader and a writer wait at once", async () => {
    await using pair = await net.pair();
    const size = 16 << 20;
    const write = pair.client.write(new Uint8Array(size));
    const read = readText(pair.client, 2);
    assert.equal(await readBytes(size), size);
    await pair.server.write(encode("ok"));
    assert.equal(await read, "ok");
    await write;

    async function readBytes(count: number): Promise<number> {
      const buffer = new Uint8Array(65536);
      let got = 0;
      while (got < count) got += await pair.server.read(buffer);
      return got;
    }
  });

  it("several readers get the bytes in the order of their calls", async () => {
    await using pair = await net.pair();
    const buffers = [0, 1, 2, 3, 4].map(() => new Uint8Array(2));
    const reads = buffers.map((buffer) => pair.server.read(buffer));
    for (const text of ["aa", "bb", "cc", "dd", "ee"]) await pair.client.write(encode(text));
    assert.deepEqual(await Promise.all(reads), [2, 2, 2, 2, 2]);
    assert.deepEqual(
      buffers.map((buffer) => new TextDecoder().decode(buffer)),
      ["aa", "bb", "cc", "dd", "ee"],
    );
  });

  it("several writes are not mixed, and come in the order of their calls", async () => {
    await using pair = await net.pair();
    const size = 3 << 20;
    const writes = [1, 2, 3, 4].map((value) => pair.client.write(new Uint8Array(size).fill(value)));
    const end = pair.client.closeWrite();
    const runs: [number, number][] = [];
    const buffer = new Uint8Array(65536);
    for (let count = await pair.server.read(buffer); count > 0; count = await pair.server.read(buffer)) {
      for (const value of buffer.subarray(0, count)) {
        const run = runs.at(-1);
        if (run?.[0] === value) run[1]++;
        else runs.push([value, 1]);
      }
    }
    await Promise.all([...writes, end]);
    assert.deepEqual(
      runs,
      [1, 2, 3, 4].map((value) => [value, size]),
    );
  });

  it("several accepts get connections of their own", async () => {
    await using listener = await net.listen();
    const accepts = [listener.accept(), listener.accept(), listener.accept()];
    const clients = await Promise.all([1, 2, 3].map(() => net.dial(listener.localAddress)));
    const servers = await Promise.all(accepts);
    const ports = (ends: { port: number }[]) => ends.map(({ port }) => port).sort();
    assert.deepEqual(
      ports(servers.map((server) => server.remoteAddress)),
      ports(clients.map((client) => client.localAddress)),
    );
    await Promise.all([...clients, ...servers].map((conn) => conn.close()));
  });
});
