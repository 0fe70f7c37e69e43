/**
 * What a server command does, whatever it is: `serveSuite({ name: "bun", command: (guest, options) => [...] })`. It starts the
 * command with a guest of tests/guests/http, waits for `Serving HTTP on http://127.0.0.1:PORT/` and ends it by its pid. That
 * wasmtime 48 passes, too, save for what it is known to do otherwise, is for tests/oracle/serve-suite.ts to say.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect } from "node:net";
import { describe, it } from "node:test";
import { freePort, listen } from "./client.ts";
import { Guest, guestFile, type Host } from "./host.ts";
import { HttpConnection, valuesOf } from "./serve/connection.ts";
import { get, post, type ServeCommand, Server } from "./serve/server.ts";
import { differences, play, readTable, tables } from "./serve/transcript.ts";

export interface Serving {
  readonly name: string;
  readonly command: ServeCommand;
  /** It is wasmtime, of which the tables say what it does otherwise. */
  readonly wasmtime?: true;
  /** Why it is left out; false: it is not. */
  readonly skip?: string | false;
}

/** `pollux serve` on a host. */
export function servingOf({ name, command, flags = [], skip }: Host): Serving {
  return { name, command: (guest, options) => [...command, "serve", ...flags, ...options, guest], skip };
}

const MIB = 1024 * 1024;

const hello = "Hello, World!\n";

export function serveSuite(serving: Serving): void {
  const { name, skip = false } = serving;
  describe(`serve on ${name}`, { skip }, () => {
    describe("tables", () => tablesOf(serving));
    describe("many at once", () => concurrency(serving));
    describe("bodies", () => bodies(serving));
    describe("instances", () => instances(serving));
    describe("clients that go", () => clients(serving));
    describe("output", () => output(serving));
    describe("options", () => options(serving));
    describe("its end", () => ends(serving));
    describe("what it does not serve", () => refusals(serving));
  });
}

function start({ command }: Serving, options: readonly string[] = [], guest = "http/serve"): Promise<Server> {
  return Server.start(command, guestFile(guest), ["-Sinherit-network", ...options]);
}

function tablesOf(serving: Serving): void {
  for (const table of tables) {
    it(table, () => assertTable(serving, table, false));
    it(`${table}, a byte at a time`, { skip: serving.wasmtime }, () => assertTable(serving, table, true));
  }
}

async function assertTable(serving: Serving, table: (typeof tables)[number], inPieces: boolean): Promise<void> {
  await using server = await start(serving);
  const failures = [];
  for (const each of readTable(table)) {
    await using connection = await HttpConnection.dial(server.port);
    const answers = await server.process.during(play(each, connection, inPieces));
    const expected = serving.wasmtime === true ? { ...each, steps: each.steps.map(asWasmtime) } : each;
    failures.push(...differences(expected, answers).map((difference) => ({ title: each.title, ...difference })));
  }
  assert.deepEqual(failures, []);
}

function asWasmtime<S extends { readonly ours: string | undefined }>(step: S): S {
  return { ...step, ours: undefined };
}

function concurrency(serving: Serving): void {
  it("twenty echoes, each in the middle of its body", async () => {
    await using server = await start(serving);
    const connections = await Promise.all(Array.from({ length: 20 }, () => server.dial()));
    for (const each of connections) each.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\nbefore");
    const bodies = await Promise.all(
      connections.map(async (each) => {
        await each.head();
        return (await each.bytes("6\r\nbefore".length)).toString();
      }),
    );
    assert.deepEqual(new Set(bodies), new Set(["6\r\nbefore"]));
    for (const each of connections) each.send(" after");
    const rests = await Promise.all(connections.map((each) => each.bytes("\r\n6\r\n after\r\n0\r\n\r\n".length)));
    assert.deepEqual(new Set(rests.map(String)), new Set(["\r\n6\r\n after\r\n0\r\n\r\n"]));
    await Promise.all(connections.map((each) => each[Symbol.asyncDispose]()));
  });

  it("a guest that sleeps holds up nobody", async () => {
    await using server = await start(serving);
    await using asleep = await server.dial();
    let woken = false;
    const slept = asleep.exchange(get("/sleep/1500")).then(() => {
      woken = true;
    });
    for (let i = 0; i < 20; i++) assert.equal((await server.get("/hello")).body.toString(), hello);
    assert.equal(woken, false);
    await slept;
  });

  // wasmtime has threads. Pollux has one, in which no guest can be preempted.
  it("a guest that is busy holds up nobody, or nobody for longer", async () => {
    await using server = await start(serving);
    await using busy = await server.dial();
    let done = false;
    const worked = busy.exchange(get(serving.wasmtime ? "/busy/2500" : "/busy/500")).then(() => {
      done = true;
    });
    for (let i = 0; i < 5; i++) assert.equal((await server.get("/hello")).body.toString(), hello);
    if (serving.wasmtime) assert.equal(done, false);
    await worked;
  });

  it("500 requests of 50 connections", async () => {
    await using server = await start(serving);
    await Promise.all(
      Array.from({ length: 50 }, async (_, i) => {
        await using connection = await server.dial();
        for (let j = 0; j < 10; j++) {
          const answer = await connection.exchange(post("/echo", `${i} and ${j}`));
          assert.equal(answer.body.toString(), `${i} and ${j}`);
        }
      }),
    );
  });

  it("200 connections that say nothing", async () => {
    await using server = await start(serving);
    const idle = await Promise.all(Array.from({ length: 200 }, () => server.dial()));
    assert.equal((await server.get("/hello")).body.toString(), hello);
    for (const each of idle.slice(0, 10)) assert.equal((await each.exchange(get("/hello"))).body.toString(), hello);
    await Promise.all(idle.map((each) => each[Symbol.asyncDispose]()));
  });
}

/** The most memory that the server has had, bytes (proc_pid_status(5)). */
function peakOf({ process }: Server): number {
  const [, peak] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${process.pid}/status`, "utf8")) ?? [];
  return Number(peak) * 1024;
}

function bodies(serving: Serving): void {
  it("come back piece by piece", async () => {
    await using server = await start(serving);
    await using connection = await server.dial();
    connection.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    assert.match((await connection.head())!.line, /^HTTP\/1\.1 200 /);
    for (const piece of ["one", "two", "three"]) {
      const chunk = `${piece.length}\r\n${piece}\r\n`;
      connection.send(chunk);
      assert.equal((await connection.bytes(chunk.length)).toString(), chunk);
    }
    connection.send("0\r\n\r\n");
    assert.equal((await connection.bytes(5)).toString(), "0\r\n\r\n");
  });

  it("a client that does not read holds the guest back", async () => {
    await using server = await start(serving);
    await server.get("/length/1000000");
    const before = peakOf(server);
    await using connection = await server.dial();
    connection.send(get("/length/134217728"));
    await connection.head();
    connection.pause();
    for (let i = 0; i < 50; i++) await server.get("/hello");
    const peak = peakOf(server);
    assert.ok(peak < before + 40 * MIB, `${before} bytes before, ${peak} at most`);
    connection.resume();
    assert.equal((await connection.bytes(134217728)).length, 134217728);
  });

  it("a guest that does not read holds the client back", async () => {
    await using server = await start(serving);
    await server.get("/length/1000000");
    const before = peakOf(server);
    await using connection = await server.dial();
    connection.pause();
    connection.send(`POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: ${128 * MIB}\r\n\r\n`);
    const sent = connection.sendAll(Buffer.alloc(128 * MIB, "x"));
    for (let i = 0; i < 50; i++) await server.get("/hello");
    const peak = peakOf(server);
    assert.ok(peak < before + 40 * MIB, `${before} bytes before, ${peak} at most`);
    connection.resume();
    const answer = await connection.answer();
    await sent;
    assert.equal(answer!.body.length, 128 * MIB);
  });

  it("middleware passes both on", async () => {
    const upstream = createServer((request, response) => {
      response.writeHead(201, { "content-type": "text/upstream" });
      request.pipe(response);
    }).listen(0, "127.0.0.1");
    await once(upstream, "listening");
    const address = upstream.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    await using server = await start(serving);
    await using connection = await server.dial();
    const answer = await connection.exchange(
      post("/forward", "x".repeat(100_000), `x-to: 127.0.0.1:${address.port}\r\n`),
    );
    assert.equal(answer.status, 201);
    assert.deepEqual(valuesOf(answer, "content-type"), ["text/upstream"]);
    assert.equal(answer.body.toString(), "x".repeat(100_000));
    upstream.close();
    upstream.closeAllConnections();
  });
}

function instances(serving: Serving): void {
  it("none has seen another request", async () => {
    await using server = await start(serving);
    await using connection = await server.dial();
    const counts = [];
    for (let i = 0; i < 5; i++) counts.push((await connection.exchange(get("/counter"))).body.toString());
    assert.deepEqual(counts, ["1\n", "1\n", "1\n", "1\n", "1\n"]);
  });

  it("are used again if asked for", async () => {
    await using server = await start(serving, ["--max-instance-reuse-count=3"]);
    await using connection = await server.dial();
    const counts = [];
    for (let i = 0; i < 7; i++) counts.push((await connection.exchange(get("/counter"))).body.toString());
    assert.deepEqual(counts, ["1\n", "2\n", "3\n", "1\n", "2\n", "3\n", "1\n"]);
  });

  it("a trap costs that one alone", async () => {
    await using server = await start(serving);
    await using other = await server.dial();
    other.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab");
    await other.head();
    await using connection = await server.dial();
    for (const path of ["/trap", "/late-trap", "/no-outparam"]) await server.get(path);
    const trapped = await connection.exchange(get("/trap"));
    assert.equal(trapped.status, 500);
    assert.equal((await connection.exchange(get("/hello"))).body.toString(), hello);
    other.send("cd");
    assert.equal((await other.bytes(19)).toString(), "2\r\nab\r\n2\r\ncd\r\n0\r\n\r\n");
  });

  it("a trap in one that is used again", async () => {
    await using server = await start(serving, ["--max-instance-reuse-count=10"]);
    await using connection = await server.dial();
    assert.equal((await connection.exchange(get("/counter"))).body.toString(), "1\n");
    assert.equal((await connection.exchange(get("/counter"))).body.toString(), "2\n");
    assert.equal((await connection.exchange(get("/trap"))).status, 500);
    assert.equal((await connection.exchange(get("/counter"))).body.toString(), "1\n");
  });
}

function clients(serving: Serving): void {
  for (const [title, leave] of [
    ["reset", (connection: HttpConnection) => connection.reset()],
    ["close", (connection: HttpConnection) => void connection[Symbol.asyncDispose]()],
  ] as const) {
    it(`${title}: a guest that writes is told`, async () => {
      await using server = await start(serving);
      const connection = await server.dial();
      connection.send(get("/until-gone"));
      await connection.bytes(300_000);
      leave(connection);
      await server.process.waitFor(/until-gone: client gone/, "stderr");
    });

    it(`${title}: a guest that reads is told`, async () => {
      await using server = await start(serving);
      const connection = await server.dial();
      connection.send(`${get("/hello")}POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello`);
      await connection.answer();
      leave(connection);
      await server.process.waitFor(/upload: \d+$/m, "stderr");
    });

    it(`${title}: a guest that answers nobody is not blamed`, async () => {
      await using server = await start(serving);
      const connection = await server.dial();
      connection.send(`${get("/hello")}${get("/sleep/50")}`);
      await connection.answer();
      leave(connection);
      // Until the other guest has long answered.
      await server.get("/sleep/500");
      assert.doesNotMatch((await server.stop()).stderr, /never invoked|did not finish/);
    });

    // To Pollux the end of a client's side is no going away (RFC 9112, 9.6): the guest's answer is still to be sent.
    const waits = title === "close" && serving.wasmtime === undefined;
    it(`${title}: a guest that sleeps is not waited for`, { skip: waits }, async () => {
      await using server = await start(serving, ["--max-concurrent-requests=1"]);
      const connection = await server.dial();
      connection.send(`${get("/hello")}${get("/sleep/600000")}`);
      await connection.answer();
      leave(connection);
      assert.equal((await server.get("/hello")).body.toString(), hello);
      // It would let the guest finish.
      server.process.kill("SIGKILL");
    });
  }
}

function output(serving: Serving): void {
  it("each line says whose it is", async () => {
    await using server = await start(serving);
    await server.get("/print");
    await server.get("/print");
    const { stdout, stderr } = await server.stop();
    const lines = (i: number) =>
      ["a line", "two lines", "at once", "part, rest", ""].map((line) => `stdout [${i}] :: ${line}`);
    assert.deepEqual(stdout.toString().trimEnd().split("\n").slice(0, 5), lines(0));
    assert.deepEqual(
      stderr.split("\n").filter((line) => line.startsWith("stderr")),
      ["stderr [0] :: an error", "stderr [1] :: an error"],
    );
  });

  it("without prefixes", async () => {
    await using server = await start(serving, ["--no-logging-prefix"]);
    await server.get("/print");
    const { stdout, stderr } = await server.stop();
    assert.match(stdout.toString(), /^a line\ntwo lines\nat once\npart, rest\n\n/);
    assert.match(stderr, /^an error$/m);
  });

  it("a trap, and an outparam that was not set", async () => {
    await using server = await start(serving);
    await server.get("/trap");
    await server.get("/no-outparam");
    const { stderr } = await server.stop();
    assert.match(stderr, /wasm trap: wasm `unreachable` instruction executed/);
    assert.match(stderr, /guest never invoked `response-outparam::set` method/);
  });

  it("an error instead of an answer", async () => {
    await using server = await start(serving);
    assert.equal((await server.get("/error-outparam")).status, 500);
    const { stderr } = await server.stop();
    assert.match(stderr, /as asked/);
  });

  it("each instance has a number in its environment", async () => {
    await using server = await start(serving, ["-Scli", "--env=A=b"], "http/serve-cli");
    assert.equal((await server.get("/env")).body.toString(), "A=b\nINSTANCE_ID=0\n");
    assert.equal((await server.get("/env")).body.toString(), "A=b\nINSTANCE_ID=1\n");
  });

  it("a guest that exits ends itself alone", async () => {
    await using server = await start(serving, ["-Scli"], "http/serve-cli");
    assert.equal((await server.get("/exit/0")).status, 500);
    assert.equal((await server.get("/exit/1")).status, 500);
    assert.match((await server.get("/env")).body.toString(), /^INSTANCE_ID=2$/m);
  });
}

function options(serving: Serving): void {
  it("--header replaces and adds", async () => {
    await using server = await start(serving, [
      "--header=x-given: by the server",
      "-H",
      "x-other: one",
      "-H",
      "x-other: two",
    ]);
    const { body } = await server.get("/headers", "X-Given: by the client\r\n");
    const lines = body
      .toString()
      .split("\n")
      .filter((line) => line.startsWith("| x-"));
    assert.deepEqual(lines.toSorted(), ["| x-given: by the server", "| x-other: one", "| x-other: two"]);
  });

  it("--max-concurrent-requests", async () => {
    await using server = await start(serving, ["--max-concurrent-requests=1"]);
    await using first = await server.dial();
    await using second = await server.dial();
    first.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab");
    await first.head();
    let answered = false;
    const waiting = second.exchange(get("/hello")).then((answer) => {
      answered = true;
      return answer;
    });
    assert.equal((await first.bytes(7)).toString(), "2\r\nab\r\n");
    assert.equal(answered, false);
    first.send("cd");
    assert.equal((await waiting).body.toString(), hello);
  });

  it("--max-concurrent-connections", async () => {
    await using server = await start(serving, ["--max-concurrent-connections=1"]);
    const first = await server.dial();
    assert.equal((await first.exchange(get("/hello"))).status, 200);
    await using second = await server.dial();
    let answered = false;
    const waiting = second.exchange(get("/hello")).then(() => {
      answered = true;
    });
    assert.equal((await first.exchange(get("/hello"))).status, 200);
    assert.equal(answered, false);
    await first[Symbol.asyncDispose]();
    await waiting;
  });

  it("-Wtimeout ends a guest that sleeps", async () => {
    await using server = await start(serving, ["-Wtimeout=200ms"]);
    assert.equal((await server.get("/sleep/600000")).status, 500);
    assert.equal((await server.get("/hello")).body.toString(), hello);
  });

  it("-Wtimeout ends a guest that is busy", async () => {
    await using server = await start(serving, ["-Wtimeout=200ms"]);
    await using connection = await server.dial();
    const answer = await connection.exchange(get("/spin"));
    assert.equal(answer.status, 500);
    assert.equal((await server.get("/hello")).body.toString(), hello);
  });
}

function ends(serving: Serving): void {
  it("SIGINT: status 0", async () => {
    await using server = await start(serving);
    await server.get("/hello");
    server.process.kill("SIGINT");
    const { status, signal } = await server.process.outcome();
    assert.deepEqual({ status, signal }, { status: 0, signal: null });
  });

  it("SIGTERM: ended by it, or 143", async () => {
    await using server = await start(serving);
    await server.get("/hello");
    server.process.kill("SIGTERM");
    const { status, signal } = await server.process.outcome();
    assert.ok(signal === "SIGTERM" || status === 143, `${status} ${signal}`);
  });

  it("SIGINT: what is under way is answered", async () => {
    await using server = await start(serving);
    await using connection = await server.dial();
    connection.send(get("/slow-body/4/100"));
    await connection.head();
    server.process.kill("SIGINT");
    assert.equal((await connection.bytes(45)).toString(), `${"5\r\nline\n\r\n".repeat(4)}0\r\n\r\n`);
    await connection[Symbol.asyncDispose]();
    assert.equal((await server.process.outcome()).status, 0);
  });

  // wasmtime waits until the client closes it.
  it("SIGINT: an idle connection holds up nothing", { skip: serving.wasmtime }, async () => {
    await using server = await start(serving);
    await using connection = await server.dial();
    await connection.exchange(get("/hello"));
    server.process.kill("SIGINT");
    assert.equal((await server.process.outcome()).status, 0);
    assert.equal((await connection.rest()).length, 0);
  });

  it("a connection to --shutdown-addr", async () => {
    const port = await freePort();
    await using server = await start(serving, [`--shutdown-addr=127.0.0.1:${port}`]);
    await server.process.waitFor(
      new RegExp(`^Listening for shutdown on tcp://127\\.0\\.0\\.1:${port}/$`, "m"),
      "stderr",
    );
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    assert.equal((await server.process.outcome()).status, 0);
    socket.destroy();
  });
}

/** Runs the command to its end. */
async function endOf(
  serving: Serving,
  guest: string,
  options: readonly string[],
): Promise<{ status: number | null; stderr: string }> {
  await using process = new Guest(serving.command(guest, options), {});
  process.input("");
  const { status, stderr } = await process.outcome();
  return { status, stderr };
}

function refusals(serving: Serving): void {
  it("an address that somebody has", async () => {
    const { server, port } = await listen();
    const { status, stderr } = await endOf(serving, guestFile("http/serve"), [`--addr=127.0.0.1:${port}`]);
    server.close();
    assert.equal(status, 1);
    assert.match(stderr, /Address already in use/);
  });

  it("a component that exports no handler", async () => {
    const { status, stderr } = await endOf(serving, guestFile("hello"), ["--addr=127.0.0.1:0", "-Scli"]);
    assert.equal(status, 1);
    assert.match(stderr, /wasi:http\/incoming-handler/);
  });

  it("a file that is not there", async () => {
    const { status, stderr } = await endOf(serving, guestFile("http/nothing-there"), ["--addr=127.0.0.1:0"]);
    assert.equal(status, 1);
    assert.match(stderr, /nothing-there\.wasm/);
  });

  it("a component that wants -Scli", async () => {
    const { status, stderr } = await endOf(serving, guestFile("http/serve-cli"), ["--addr=127.0.0.1:0"]);
    assert.equal(status, 1);
    assert.match(stderr, /wasi:cli\/environment/);
  });

  it("an address that is none", async () => {
    assert.equal((await endOf(serving, guestFile("http/serve"), ["--addr=nowhere"])).status, 2);
  });
}
