/** How a server ends, with requests under way: what is finished, what is cut off, and that nothing stays. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { before, describe, it } from "node:test";
import { Client, freePort } from "../client.ts";
import { eventedHosts, guestFile, type Host, hosts, ticksOf } from "../host.ts";
import { RustGuest } from "../rust.ts";
import type { HttpConnection } from "../serve/connection.ts";
import { get, Server } from "../serve/server.ts";

const waiting = /^Waiting for child tasks to exit, ctrl-c again to quit sooner\.\.\.$/m;

function start(host: Host, options: readonly string[] = [], guest = guestFile("http/serve")): Promise<Server> {
  const { command, flags = [] } = host;
  return Server.start((file, given) => [...command, "serve", ...flags, ...given, file], guest, options);
}

/** Echoes half of a body: the guest waits for the rest. */
async function halfEcho(server: Server): Promise<HttpConnection> {
  const connection = await server.dial();
  connection.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab");
  await server.process.during(connection.head());
  assert.equal((await connection.bytes(7)).toString(), "2\r\nab\r\n");
  return connection;
}

async function endsEcho(connection: HttpConnection): Promise<void> {
  connection.send("cd");
  assert.equal((await connection.rest()).toString(), "2\r\ncd\r\n0\r\n\r\n");
}

async function ended(server: Server, expected: number): Promise<string> {
  const { status, signal, stderr } = await server.process.outcome();
  assert.deepEqual({ status, signal }, { status: expected, signal: null }, stderr);
  assert.equal(existsSync(`/proc/${server.process.pid}`), false);
  await assert.rejects(Client.dial(server.port), { code: "ECONNREFUSED" });
  return stderr;
}

for (const host of [...hosts, ...eventedHosts]) {
  describe(`the end of a server on ${host.name}`, { skip: host.skip }, () => {
    for (const [signal, status] of [
      ["SIGINT", 0],
      ["SIGTERM", 143],
    ] as const) {
      it(`${signal}: what is under way is finished, and nobody else comes in`, async () => {
        await using server = await start(host);
        await using first = await halfEcho(server);
        await using second = await halfEcho(server);
        await using idle = await server.dial();
        await idle.exchange(get("/hello"));
        server.process.kill(signal);
        await server.process.waitFor(waiting, "stderr");
        assert.equal((await idle.rest()).length, 0);
        await endsEcho(first);
        await assert.rejects(Client.dial(server.port), { code: "ECONNREFUSED" });
        await endsEcho(second);
        await ended(server, status);
      });
    }

    it("SIGINT twice: at once", async () => {
      await using server = await start(host, ["--grace-period=600s"]);
      await using connection = await server.dial();
      await using echo = await halfEcho(server);
      connection.send(get("/sleep/600000"));
      await server.get("/hello");
      server.process.kill("SIGINT");
      await server.process.waitFor(waiting, "stderr");
      server.process.kill("SIGINT");
      await ended(server, 0);
      assert.equal((await echo.rest()).toString(), "");
    });

    it("SIGINT, and then SIGTERM: at once, with the status of the first", async () => {
      await using server = await start(host, ["--grace-period=600s"]);
      await using _echo = await halfEcho(server);
      server.process.kill("SIGINT");
      await server.process.waitFor(waiting, "stderr");
      server.process.kill("SIGTERM");
      await ended(server, 0);
    });

    it("SIGINT twice while a guest computes: ended by the second", { skip: host.evented }, async () => {
      await using server = await start(host);
      await using connection = await server.dial();
      connection.send(get("/spin"));
      const before = ticksOf(server.process.pid);
      while (ticksOf(server.process.pid) < before + 60) await new Promise((resolve) => setTimeout(resolve, 20));
      server.process.kill("SIGINT");
      await new Promise((resolve) => setTimeout(resolve, 100));
      server.process.kill("SIGINT");
      const { status, signal } = await server.process.outcome();
      assert.deepEqual({ status, signal }, { status: null, signal: "SIGINT" });
    });

    it("the grace period is over", async () => {
      await using server = await start(host, ["--grace-period=300ms"]);
      await using echo = await halfEcho(server);
      server.process.kill("SIGTERM");
      await ended(server, 143);
      assert.equal((await echo.rest()).toString(), "");
    });

    it("--shutdown-addr: what is under way is finished", async () => {
      const port = await freePort();
      await using server = await start(host, [`--shutdown-addr=127.0.0.1:${port}`]);
      await using echo = await halfEcho(server);
      const client = await Client.dial(port);
      await server.process.waitFor(waiting, "stderr");
      await endsEcho(echo);
      await ended(server, 0);
      client.close();
    });

    it("a large response to a client that does not read yet is sent whole", async () => {
      await using server = await start(host);
      await using connection = await server.dial();
      connection.send(get("/length/8000000"));
      await server.process.during(connection.head());
      connection.pause();
      server.process.kill("SIGINT");
      await server.process.waitFor(waiting, "stderr");
      connection.resume();
      assert.equal((await connection.rest()).length, 8_000_000);
      await ended(server, 0);
    });

    it("a small response is sent whole, whenever the signal comes", async () => {
      for (let i = 0; i < 5; i++) {
        await using server = await start(host);
        await using connection = await server.dial();
        connection.send(get("/length/60000"));
        server.process.kill("SIGINT");
        // The request may not have been there yet: then there is nothing at all.
        const answer = await connection.answer();
        if (answer !== undefined) assert.deepEqual([answer.body.length, answer.cut], [60_000, false]);
        assert.equal((await server.process.outcome()).status, 0);
      }
    });

    timeouts(host);
    handler3(host);
  });
}

function timeouts(host: Host): void {
  it("--idle-timeout: a connection that is kept alive ends, and one that is used does not", async () => {
    await using server = await start(host, ["--idle-timeout=400ms"]);
    await using idle = await server.dial();
    await idle.exchange(get("/hello"));
    assert.equal((await server.process.during(idle.rest())).length, 0);
    await using used = await server.dial();
    used.send(get("/slow-body/6/200"));
    const answer = await server.process.during(used.answer());
    assert.deepEqual([answer?.body.length, answer?.cut], [30, false]);
  });

  it("--idle-timeout: a client that stops in its body, and one that takes nothing", async () => {
    await using server = await start(host, ["--idle-timeout=400ms"]);
    await using stalled = await server.dial();
    stalled.send("POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello");
    assert.equal((await server.process.during(stalled.answer()))?.status, 408);
    await using deaf = await server.dial();
    deaf.send(get("/until-gone"));
    await deaf.head();
    deaf.pause();
    await server.process.waitFor(/until-gone: client gone/, "stderr");
  });

  it("--header-timeout: clients that send a byte now and then hold up nobody, and are told", async () => {
    await using server = await start(host, ["--header-timeout=600ms", "--max-concurrent-connections=40"]);
    const slow = await Promise.all(Array.from({ length: 30 }, () => server.dial()));
    let over = false;
    const dribble = async (connection: HttpConnection) => {
      for (const byte of "GET /hello HTTP/1.1\r\nHost: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa") {
        if (over) return;
        connection.send(byte);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    };
    const dribbles = slow.map(dribble);
    for (let i = 0; i < 5; i++) assert.equal((await server.get("/hello")).status, 200);
    const answers = await server.process.during(Promise.all(slow.map((each) => each.answer())));
    over = true;
    await Promise.all(dribbles);
    assert.deepEqual(new Set(answers.map((answer) => answer?.status)), new Set([408]));
    await using silent = await server.dial();
    assert.equal((await server.process.during(silent.rest())).length, 0);
    await Promise.all(slow.map((each) => each[Symbol.asyncDispose]()));
  });
}

function handler3(host: Host): void {
  const guest = new RustGuest("serve3");
  describe("0.3", { skip: guest.skip }, () => {
    before(() => guest.build());

    it("a guest that goes on after its response is waited for", async () => {
      await using server = await start(host, ["-Scli"], guest.file);
      assert.equal((await server.get("/after/1000")).body.toString(), "before\n");
      server.process.kill("SIGINT");
      const { status, stdout } = await server.process.outcome();
      assert.deepEqual([status, stdout.toString()], [0, "stdout [0] :: after: went on\n"]);
    });

    it("and not when the grace period is over", async () => {
      await using server = await start(host, ["-Scli", "--grace-period=300ms"], guest.file);
      assert.equal((await server.get("/after/600000")).body.toString(), "before\n");
      server.process.kill("SIGINT");
      await ended(server, 0);
    });
  });
}
