/** `--stats` and `--trace` of a server: what its requests were, and which calls were made for which. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { eventedHosts, guestFile, type Host, hosts } from "../host.ts";
import { RustGuest } from "../rust.ts";
import { get, Server } from "../serve/server.ts";
import { scratchFolder } from "./hosts.ts";

const scratch = scratchFolder();
let made = 0;

function start(host: Host, guest: string, ...options: readonly string[]): Promise<Server> {
  const { command, flags = [] } = host;
  return Server.start((file, given) => [...command, "serve", ...flags, ...given, file], guest, options);
}

/** Three requests on one connection, two of them to fail, and one that is broken off on another. */
async function four(server: Server): Promise<void> {
  await using connection = await server.dial();
  for (const path of ["/hello", "/trap", "/nothing-there"]) await connection.exchange(get(path));
  await using gone = await server.dial();
  gone.send(get("/until-gone"));
  await gone.bytes(300_000);
  gone.reset();
  await server.process.waitFor(/until-gone: client gone/, "stderr");
}

interface Line {
  readonly request?: number;
  readonly method?: string;
  readonly path?: string;
  readonly instance?: number;
  readonly interface?: string;
  readonly function?: string;
  readonly status?: number | null;
  readonly complete?: boolean;
}

for (const host of [...hosts, ...eventedHosts]) {
  describe(`a server observed on ${host.name}`, { skip: host.skip }, () => {
    for (const [signal, status] of [
      ["SIGINT", 0],
      ["SIGTERM", 143],
    ] as const) {
      it(`--stats at ${signal}`, async () => {
        await using server = await start(host, guestFile("http/serve"), "--stats=json", "--max-instance-reuse-count=2");
        await four(server);
        server.process.kill(signal);
        const outcome = await server.process.outcome();
        assert.equal(outcome.status, status);
        const { phases, calls, bytes, served } = JSON.parse(outcome.stderr.trimEnd().split("\n").at(-1)!);
        assert.deepEqual(served, {
          connections: 2,
          requests: 4,
          responses: { "2xx": 2, "4xx": 1, "5xx": 1 },
          brokenOff: 1,
          instances: { made: 2, reused: 2 },
        });
        assert.deepEqual(Object.keys(phases), ["start", "read", "machine", "parse", "link", "compile", "run"]);
        assert.ok(calls["wasi:http/types"] > 10);
        assert.ok(bytes.sockets.in > 100 && bytes.sockets.out > 300_000, JSON.stringify(bytes));
      });
    }

    it("--stats as text", async () => {
      await using server = await start(host, guestFile("http/serve"), "--stats");
      await four(server);
      const { stderr } = await server.stop();
      assert.match(
        stderr,
        /^total .*\nconnections: 2\nrequests: 4\nresponses: 2xx 2, 4xx 1, 5xx 1, broken off 1\ninstances: 4 made, 0 times used again\nwaited /m,
      );
    });

    it("--trace=json: each call is of its request", async () => {
      const file = join(scratch, `${made++}.json`);
      await using server = await start(host, guestFile("http/serve"), "--trace=json", `--trace-file=${file}`);
      await four(server);
      await server.stop();
      const lines: Line[] = readFileSync(file, "utf8")
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line));
      const begun = lines.filter(({ path }) => path !== undefined);
      assert.deepEqual(
        begun.map(({ request, method, path, instance }) => ({ request, method, path, instance })),
        ["/hello", "/trap", "/nothing-there", "/until-gone"].map((path, i) => ({
          request: i + 1,
          method: "GET",
          path,
          instance: i,
        })),
      );
      const ended = lines.filter(({ status }) => status !== undefined);
      assert.deepEqual(
        ended.map(({ request, status, complete }) => [request, status, complete]),
        [
          [1, 200, true],
          [2, 500, true],
          [3, 404, true],
          [4, 200, false],
        ],
      );
      const calls = lines.filter((line) => line.function !== undefined);
      assert.deepEqual(new Set(calls.map(({ request }) => request)), new Set([1, 2, 3, 4]));
      const asksPath = calls.filter((line) => line.function === "[method]incoming-request.path-with-query");
      assert.deepEqual(
        asksPath.map(({ request }) => request),
        [1, 2, 3, 4],
      );
    });

    it("--trace: lines begin with the request's number", async () => {
      await using server = await start(host, guestFile("http/serve"), "--trace=http/types");
      await server.get("/hello");
      const { stderr } = await server.stop();
      assert.match(
        stderr,
        /^ +\d+\.\d+ #1 GET \/hello, by instance 0\n +\d+\.\d+ #1 http\/types incoming-request#1\.path-with-query\(\) = "\/hello" <.*>$/m,
      );
      assert.match(stderr, /^ +\d+\.\d+ #1 GET \/hello = 200 <\d+\.\d+>$/m);
    });

    it("--trace=chrome: a lane for each request", async () => {
      const file = join(scratch, `${made++}.json`);
      await using server = await start(host, guestFile("http/serve"), "--trace=chrome", `--trace-file=${file}`);
      await server.get("/hello");
      await server.get("/nothing-there");
      await server.stop();
      const events: { name: string; ph: string; tid: number; args: { name?: string } }[] = JSON.parse(
        readFileSync(file, "utf8"),
      );
      const lanes = events.filter(({ name }) => name === "thread_name").map(({ args, tid }) => [args.name, tid]);
      assert.deepEqual(lanes, [
        ["request 1", 1],
        ["request 2", 2],
      ]);
      for (const [name, tid] of [
        ["GET /hello", 1],
        ["GET /nothing-there", 2],
      ] as const) {
        assert.deepEqual(
          events.filter((event) => event.name === name).map(({ ph, tid }) => [ph, tid]),
          [
            ["B", tid],
            ["E", tid],
          ],
        );
      }
    });

    handler3(host);
  });
}

function handler3(host: Host): void {
  const guest = new RustGuest("serve3");
  describe("0.3", { skip: guest.skip }, () => {
    before(() => guest.build());

    it("--trace=json: requests of one instance at once, each with its calls", async () => {
      const file = join(scratch, `${made++}.json`);
      const options = ["-Scli", "--stats=json", "--trace=json", `--trace-file=${file}`];
      await using server = await start(host, guest.file, ...options);
      const connections = await Promise.all([1, 2, 3].map(() => server.dial()));
      for (const [i, each] of connections.entries()) {
        each.send(`POST /echo?${i + 1} HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab`);
        await server.process.during(each.head());
      }
      for (const each of connections) each.send("cd");
      for (const each of connections) await each.bytes(19);
      await Promise.all(connections.map((each) => each[Symbol.asyncDispose]()));
      const { stderr } = await server.stop();
      const { served } = JSON.parse(stderr.trimEnd().split("\n").at(-1)!);
      assert.deepEqual(served.instances, { made: 1, reused: 2 });
      assert.deepEqual(served.responses, { "2xx": 3 });
      const lines: Line[] = readFileSync(file, "utf8")
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line));
      for (const request of [1, 2, 3]) {
        const own = lines.filter((line) => line.request === request);
        assert.equal(own[0]?.path, `/echo?${request}`);
        assert.equal(own[0]?.instance, 0);
        const names = own.flatMap((line) => line.function ?? []);
        for (const name of [
          "[method]request.get-path-with-query",
          "[static]request.consume-body",
          "[static]response.new",
        ])
          assert.ok(names.includes(name), `${request}: no ${name} in ${names}`);
      }
    });
  });
}
