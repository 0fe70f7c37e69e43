/** `-W timeout` of a server is each request's: a guest that waits for too long, and one that computes. */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { eventedHosts, hosts } from "../host.ts";
import { RustGuest } from "../rust.ts";
import { get, Server } from "../serve/server.ts";

const hello = "Hello, World!\n";

for (const host of [...hosts, ...eventedHosts]) {
  const { name, command, flags = [], skip } = host;
  const start = (guest: string, ...options: readonly string[]) =>
    Server.start((file, given) => [...command, "serve", ...flags, ...given, file], guest, [
      "-Wtimeout=500ms",
      ...options,
    ]);
  describe(`-W timeout of a server on ${name}`, { skip }, () => {
    handler2(start);
    if (host.evented !== true) handler3(start);
  });
}

type Start = (guest: string, ...options: readonly string[]) => Promise<Server>;

function handler2(start: Start): void {
  const guest = new URL("../../guests/http/serve.wasm", import.meta.url).pathname;

  for (const path of ["/sleep/600000", "/spin"]) {
    it(`${path}: 500, said on stderr, and others go on`, async () => {
      await using server = await start(guest);
      await using connection = await server.dial();
      await using other = await server.dial();
      other.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab");
      await other.head();
      assert.equal((await server.process.during(connection.exchange(get(path)))).status, 500);
      assert.equal((await connection.exchange(get("/hello"))).body.toString(), hello);
      await server.process.waitFor(/^error: guest timed out$/m, "stderr");
    });
  }

  it("in a start function, too", async () => {
    await using server = await start(guest.replace("serve.wasm", "serve-spins.wasm"));
    for (let i = 0; i < 2; i++) {
      await using connection = await server.dial();
      assert.equal((await server.process.during(connection.exchange(get("/hello")))).status, 500);
    }
    await server.process.waitFor(/^error: guest timed out$/m, "stderr");
  });

  it("while it reads: the rest of the body is passed over, and the next request answered", async () => {
    await using server = await start(guest);
    await readsTooLong(server);
  });

  it("others have their turn while a guest computes", async () => {
    await using server = await start(guest, "-Wtimeout=3600s", "--grace-period=100ms");
    await using spinning = await server.dial();
    spinning.send(get("/spin"));
    let answered = false;
    const ended = spinning.answer().then(() => {
      answered = true;
    });
    for (let i = 0; i < 5; i++) {
      assert.equal((await server.process.during(server.get("/hello"))).body.toString(), hello);
      assert.equal(answered, false);
    }
    const { status } = await server.stop();
    assert.equal(status, 0);
    await ended;
  });

  it("a response that has begun is broken off", async () => {
    await using server = await start(guest);
    await using connection = await server.dial();
    connection.send(get("/slow-body/1000000/100"));
    const answer = await server.process.during(connection.answer());
    assert.equal(answer?.status, 200);
    assert.equal(answer?.cut, true);
    assert.equal((await server.get("/hello")).body.toString(), hello);
  });
}

async function readsTooLong(server: Server): Promise<void> {
  await using connection = await server.dial();
  const part = "x".repeat(50_000);
  const request = `POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n${part}`;
  assert.equal((await server.process.during(connection.exchange(request))).status, 500);
  assert.equal((await connection.exchange(`${part}${get("/hello")}`)).body.toString(), hello);
}

function handler3(start: Start): void {
  const guest = new RustGuest("serve3");
  describe("0.3", { skip: guest.skip }, () => {
    before(() => guest.build());

    it("a guest that waits: that request gets 500, others of its instance are answered, and then it is ended", async () => {
      await using server = await start(guest.file, "-Scli");
      await using sleeping = await server.dial();
      await using echoing = await server.dial();
      echoing.send("POST /pass HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab");
      await server.process.during(echoing.head());
      assert.equal((await server.get("/counter")).body.toString(), "1\n");
      const answer = sleeping.exchange(get("/sleep/600000"));
      assert.equal((await server.process.during(answer)).status, 500);
      assert.equal((await server.get("/counter")).body.toString(), "1\n");
      echoing.send("cd");
      assert.match((await echoing.bytes(19)).toString(), /ab\r\n2\r\ncd\r\n0\r\n\r\n$/);
      const { status, stderr } = await server.stop();
      assert.equal(status, 0);
      assert.equal(stderr.match(/guest timed out/g)?.length, 1, stderr);
    });

    it("a guest that reads", async () => {
      await using server = await start(guest.file, "-Scli");
      await readsTooLong(server);
    });

    it("a guest that computes", async () => {
      await using server = await start(guest.file, "-Scli");
      await using connection = await server.dial();
      assert.equal((await server.process.during(connection.exchange(get("/busy/600000")))).status, 500);
      assert.equal((await connection.exchange(get("/hello"))).body.toString(), hello);
    });
  });
}
