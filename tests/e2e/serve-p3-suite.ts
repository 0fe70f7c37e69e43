/** What a server command does with a guest of WASI 0.3 (tests/guests/rust/serve3): see serve-suite.ts. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { before, describe, it } from "node:test";
import { RustGuest } from "./rust.ts";
import { valuesOf } from "./serve/connection.ts";
import { get, post, Server } from "./serve/server.ts";
import type { Serving } from "./serve-suite.ts";

const hello = "Hello, World!\n";

export function serveP3Suite({ name, command, wasmtime, skip = false }: Serving): void {
  const guest = new RustGuest("serve3");
  describe(`serve 0.3 on ${name}`, { skip: skip || guest.skip }, () => {
    before(() => guest.build());

    const start = (...options: readonly string[]) =>
      Server.start(command, guest.file, ["-Scli", "-Sinherit-network", ...options]);

    it("answers", async () => {
      await using server = await start();
      const answer = await server.get("/hello");
      assert.equal(answer.status, 200);
      assert.deepEqual(valuesOf(answer, "content-type"), ["text/plain"]);
      assert.equal(answer.body.toString(), hello);
      assert.deepEqual(valuesOf(await server.get("/hello-length"), "content-length"), ["14"]);
      assert.equal((await server.get("/nothing")).status, 404);
    });

    // wasmtime 48 gives a guest of 0.3 neither the scheme nor the authority that one of 0.2 is given.
    it("the guest sees the request's head", async () => {
      await using server = await start();
      await using connection = await server.dial();
      const request = "PURGE /headers?x=%20 HTTP/1.1\r\nHost: a:80\r\nX-A: caf\xe9\r\nx-a: 2\r\n\r\n";
      const place = wasmtime ? "no scheme\nno authority\n" : "scheme: http\nauthority: a:80\n";
      const expected = `method: other PURGE\npath: /headers?x=%20\n${place}| x-a: caf\\xe9\n| x-a: 2\n`;
      assert.equal((await connection.exchange(request)).body.toString(), expected);
    });

    for (const path of ["/echo", "/pass"]) {
      it(`${path}: piece by piece, with trailers`, async () => {
        await using server = await start();
        await using connection = await server.dial();
        connection.send(`POST ${path} HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nTransfer-Encoding: chunked\r\n\r\n`);
        connection.send("3\r\none\r\n");
        assert.match((await connection.head())!.line, /^HTTP\/1\.1 200 /);
        assert.equal((await connection.bytes(8)).toString(), "3\r\none\r\n");
        connection.send("3\r\ntwo\r\n");
        assert.equal((await connection.bytes(8)).toString(), "3\r\ntwo\r\n");
        connection.send("0\r\nx-a: 1\r\n\r\n");
        // wasmtime sends announced ones alone.
        const end = wasmtime ? "0\r\n\r\n" : "0\r\nx-a: 1\r\n\r\n";
        assert.equal((await connection.bytes(end.length)).toString(), end);
      });
    }

    it("4 MiB there and back", async () => {
      await using server = await start();
      const body = "x".repeat(4 * 1024 * 1024);
      for (const path of ["/echo", "/pass"]) {
        await using connection = await server.dial();
        assert.ok((await connection.exchange(post(path, body))).body.equals(Buffer.from(body)));
      }
      assert.equal((await server.get("/stream/64/65536")).body.length, 64 * 65536);
    });

    it("an instance is used again, 128 times", async () => {
      await using server = await start();
      await using connection = await server.dial();
      const counts: number[] = [];
      for (let i = 0; i < 130; i++) counts.push(Number((await connection.exchange(get("/counter"))).body.toString()));
      assert.deepEqual(counts, [...Array.from({ length: 128 }, (_, i) => i + 1), 1, 2]);
    });

    it("an instance has several requests at once", async () => {
      await using server = await start();
      const connections = await Promise.all(Array.from({ length: 16 }, () => server.dial()));
      for (const each of connections) {
        each.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab");
        await each.head();
      }
      for (const each of connections) each.send("cd");
      await Promise.all(connections.map((each) => each[Symbol.asyncDispose]()));
      assert.equal((await server.get("/hello")).body.toString(), hello);
    });

    it("not if that is not wanted", async () => {
      await using server = await start("--max-instance-reuse-count=1");
      for (let i = 0; i < 3; i++) assert.equal((await server.get("/counter")).body.toString(), "1\n");
    });

    it("goes on after its response", async () => {
      await using server = await start();
      assert.equal((await server.get("/after/50")).body.toString(), "before\n");
      await server.process.waitFor(/^stdout \[0\] :: after: went on$/m);
    });

    it("a trap, a panic and an error: 500, and a new instance", async () => {
      await using server = await start();
      assert.equal((await server.get("/counter")).body.toString(), "1\n");
      for (const path of ["/trap", "/panic"]) {
        assert.equal((await server.get(path)).status, 500);
        assert.equal((await server.get("/counter")).body.toString(), "1\n");
      }
      assert.equal((await server.get("/error")).status, 500);
      assert.equal((await server.get("/counter")).body.toString(), "2\n");
    });

    it("a trap ends the other requests of its instance, and those alone", async () => {
      await using server = await start();
      await using responding = await server.dial();
      responding.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab");
      await responding.head();
      await responding.bytes("2\r\nab\r\n".length);
      await using asleep = await server.dial();
      const slept = asleep.exchange(get("/sleep/600000"));
      await using connection = await server.dial();
      assert.equal((await connection.exchange(get("/counter"))).body.toString(), "1\n");
      assert.equal((await connection.exchange(get("/trap"))).status, 500);
      assert.equal((await slept).status, 500);
      // wasmtime 48 ends such a body as if it were whole.
      assert.equal((await responding.rest()).toString(), wasmtime ? "0\r\n\r\n" : "");
      assert.equal((await connection.exchange(get("/counter"))).body.toString(), "1\n");
    });

    it("an error in the middle of a body cuts it off", async () => {
      await using server = await start();
      await using connection = await server.dial();
      connection.send(get("/late-error"));
      // Its head may not have left yet.
      assert.notEqual((await connection.answer())?.cut, false);
    });

    // wasmtime 48 ends such a body as if it were whole.
    it("so does a trap", { skip: wasmtime }, async () => {
      await using server = await start();
      const answer = await server.get("/late-trap");
      assert.equal(answer.body.toString(), "before the trap\n");
      assert.equal(answer.cut, true);
    });

    it("a client that goes while the guest writes", async () => {
      await using server = await start();
      const connection = await server.dial();
      connection.send(get("/until-gone"));
      await connection.bytes(300_000);
      connection.reset();
      await server.process.waitFor(/until-gone: client gone/, "stderr");
    });

    it("a client that goes while the guest reads", async () => {
      await using server = await start();
      const connection = await server.dial();
      connection.send(`${get("/hello")}POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello`);
      await connection.answer();
      connection.reset();
      await server.process.waitFor(/upload: ErrorCode/, "stderr");
    });

    it("middleware passes both on", async () => {
      const upstream = createServer((request, response) => {
        response.writeHead(201, { "content-type": "text/upstream" });
        request.pipe(response);
      }).listen(0, "127.0.0.1");
      await once(upstream, "listening");
      const address = upstream.address();
      if (address === null || typeof address === "string") throw new Error("no port");
      await using server = await start();
      await using connection = await server.dial();
      const request = post("/forward", "x".repeat(100_000), `x-to: 127.0.0.1:${address.port}\r\n`);
      const answer = await connection.exchange(request);
      assert.equal(answer.status, 201);
      assert.deepEqual(valuesOf(answer, "content-type"), ["text/upstream"]);
      assert.equal(answer.body.toString(), "x".repeat(100_000));
      upstream.close();
      upstream.closeAllConnections();
    });

    it("each line says whose it is", async () => {
      await using server = await start();
      await server.get("/print");
      const { stdout } = await server.stop();
      assert.equal(stdout.toString(), "stdout [0] :: a line\nstdout [0] :: two lines\nstdout [0] :: at once\n");
    });
  });
}
