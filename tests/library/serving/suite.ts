/** What holds of a component however this program serves it. */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { Trap } from "../../../src/index.ts";
import { RustGuest } from "../../e2e/rust.ts";
import { get, post } from "../../e2e/serve/server.ts";
import { guest, Served, type Way } from "./served.ts";

const hello = "Hello, World!\n";

export function servingSuite(name: string, way: Way): void {
  describe(name, () => {
    const source = guest("serve");

    it("hello, and hello again on the same connection", async () => {
      await using server = await Served.start(way, guest("serve-hello"));
      await using connection = await server.dial();
      for (let i = 0; i < 3; i++) assert.equal((await connection.exchange(get("/"))).body.toString(), hello);
    });

    it("an echo comes back while it is sent", () => echoes(way, source));

    it("4 MiB there and back", async () => {
      await using server = await Served.start(way, source);
      await using connection = await server.dial();
      const body = "0123456789abcdef".repeat(256 * 1024);
      assert.equal((await connection.exchange(post("/echo", body))).body.toString() === body, true);
    });

    it("100 at once", async () => {
      await using server = await Served.start(way, source);
      // Not by connections that lose their patience: JavaScriptCore makes 100 memories in some seconds where others are busy.
      const bodies = await Promise.all(Array.from({ length: 100 }, (_, i) => server.post("/echo", `number ${i}`)));
      assert.deepEqual(
        bodies,
        bodies.map((_, i) => `number ${i}`),
      );
    });

    it("no request sees another", async () => {
      await using server = await Served.start(way, source);
      for (let i = 0; i < 3; i++) assert.equal((await server.get("/counter")).body.toString(), "1\n");
    });

    it("unless that is asked for", async () => {
      await using server = await Served.start(way, source, { reuse: { maxRequests: 2 } });
      const counts = [];
      for (let i = 0; i < 4; i++) counts.push((await server.get("/counter")).body.toString());
      assert.deepEqual(counts, ["1\n", "2\n", "1\n", "2\n"]);
    });

    it("a guest that fails: 500, and the error is told", async () => {
      await using server = await Served.start(way, source);
      for (const path of ["/trap", "/no-outparam", "/error-outparam"]) {
        const { status, body } = await server.get(path);
        assert.equal(status, 500);
        assert.match(body.toString(), /500 Internal Server Error/);
      }
      const [trap, unanswered, error] = server.errors;
      assert.ok(trap instanceof Trap);
      assert.match(String(unanswered), /never invoked `response-outparam::set`/);
      assert.match(String(error), /internal-error: as asked/);
      assert.equal((await server.get("/hello")).body.toString(), hello);
    });

    it("a trap in the middle of a body cuts it off", async () => {
      await using server = await Served.start(way, source);
      await using connection = await server.dial();
      connection.send(get("/late-trap"));
      assert.notEqual((await connection.answer())?.cut, false);
      assert.ok(server.errors[0] instanceof Trap);
    });

    it("the client goes: a guest that writes is told", async () => {
      await using server = await Served.start(way, source);
      const connection = await server.dial();
      connection.send(get("/until-gone"));
      await connection.bytes(300_000);
      connection.reset();
      await server.until(({ stderr }) => stderr.includes("until-gone: client gone"));
    });

    it("the client goes: a guest that reads is told", async () => {
      await using server = await Served.start(way, source);
      const connection = await server.dial();
      connection.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello");
      await connection.head();
      connection.reset();
      await server.until(({ stderr }) => /^echo: /m.test(stderr));
    });

    it("a request that nobody has read does not harm the next", async () => {
      await using server = await Served.start(way, source);
      await using connection = await server.dial();
      const ignored = await connection.exchange(post("/ignore-body", "x".repeat(100_000)));
      assert.equal(ignored.body.toString(), "ignored\n");
      assert.equal((await server.get("/hello")).body.toString(), hello);
    });

    it("a body that is longer than it may be: 413", async () => {
      await using server = await Served.start(way, source, { maxBodySize: 10 });
      await using connection = await server.dial();
      assert.equal((await connection.exchange(post("/upload", "x".repeat(11)))).status, 413);
    });

    it("a guest that takes too long: 500", async () => {
      await using server = await Served.start(way, source, { requestTimeout: 50 });
      assert.equal((await server.get("/sleep/600000")).status, 500);
      assert.match(String(server.errors[0]), /guest timed out/);
    });

    it("a guest that computes for too long: 500", async () => {
      await using server = await Served.start(way, source, { requestTimeout: 50 });
      assert.equal((await server.get("/spin")).status, 500);
      assert.match(String(server.errors[0]), /guest timed out/);
    });

    it("this program goes on beside a guest that sleeps", async () => {
      await using server = await Served.start(way, source);
      let ticks = 0;
      const timer = setInterval(() => ticks++, 1);
      assert.equal((await server.get("/sleep/100")).body.toString(), "slept\n");
      clearInterval(timer);
      assert.ok(ticks > 1, `${ticks} ticks`);
    });

    it("close lets what is under way finish", async () => {
      await using server = await Served.start(way, source);
      await using connection = await server.dial();
      connection.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab");
      await connection.head();
      assert.equal((await connection.bytes(7)).toString(), "2\r\nab\r\n");
      const closed = server.close();
      connection.send("cd");
      assert.equal((await connection.bytes(12)).toString(), "2\r\ncd\r\n0\r\n\r\n");
      await closed;
      assert.deepEqual(server.errors, []);
    });

    it("close ends what has not finished after the grace period", async () => {
      await using server = await Served.start(way, source, { gracePeriod: 50 });
      await using connection = await server.dial();
      connection.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab");
      await connection.head();
      await server.close();
      assert.deepEqual(server.errors, []);
    });

    it("the signal ends it at once", async () => {
      const abort = new AbortController();
      const options = { signal: abort.signal, gracePeriod: 600_000 };
      await using server = await Served.start(way, source, options);
      await using connection = await server.dial();
      connection.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab");
      await connection.head();
      abort.abort();
      await server.close();
    });

    describe("WASI 0.3", () => suiteOfP3(way));
  });
}

async function echoes(way: Way, source: URL): Promise<void> {
  await using server = await Served.start(way, source);
  await using connection = await server.dial();
  connection.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
  assert.match((await connection.head())!.line, /^HTTP\/1\.1 200 /);
  assert.match((await connection.bytes(8)).toString(), /^3\r\none\r\n$/);
  connection.send("3\r\ntwo\r\n");
  assert.match((await connection.bytes(8)).toString(), /^3\r\ntwo\r\n$/);
  connection.send("0\r\n\r\n");
  assert.equal((await connection.bytes(5)).toString(), "0\r\n\r\n");
}

function suiteOfP3(way: Way): void {
  const rust = new RustGuest("serve3");
  const skip = rust.skip;
  const source = new URL(`file://${rust.file}`);
  before(() => {
    if (skip === false) rust.build();
  });

  it("hello", { skip }, async () => {
    await using server = await Served.start(way, source);
    assert.equal((await server.get("/hello")).body.toString(), hello);
  });

  it("an echo comes back while it is sent", { skip }, () => echoes(way, source));

  it("100 at once", { skip }, async () => {
    await using server = await Served.start(way, source);
    const bodies = await Promise.all(Array.from({ length: 100 }, () => server.post("/sleep/20", "")));
    assert.deepEqual(new Set(bodies), new Set(["slept\n"]));
  });

  it("an instance takes several requests", { skip }, async () => {
    await using server = await Served.start(way, source);
    assert.equal((await server.get("/counter")).body.toString(), "1\n");
    assert.equal((await server.get("/counter")).body.toString(), "2\n");
  });

  it("unless that is not wanted", { skip }, async () => {
    await using server = await Served.start(way, source, { reuse: { maxRequests: 1 } });
    for (let i = 0; i < 2; i++) assert.equal((await server.get("/counter")).body.toString(), "1\n");
  });

  it("a trap costs one instance", { skip }, async () => {
    await using server = await Served.start(way, source);
    assert.equal((await server.get("/counter")).body.toString(), "1\n");
    assert.equal((await server.get("/trap")).status, 500);
    assert.ok(server.errors[0] instanceof Trap);
    assert.equal((await server.get("/counter")).body.toString(), "1\n");
  });

  it("the client goes", { skip }, async () => {
    await using server = await Served.start(way, source);
    const connection = await server.dial();
    connection.send(get("/until-gone"));
    await connection.bytes(300_000);
    connection.reset();
    await server.until(({ stderr }) => stderr.includes("until-gone: client gone"));
  });

  it("close ends those that sleep", { skip }, async () => {
    await using server = await Served.start(way, source, { gracePeriod: 50 });
    await using connection = await server.dial();
    connection.send(get("/sleep/600000"));
    await server.get("/hello");
    await server.close();
  });
}
