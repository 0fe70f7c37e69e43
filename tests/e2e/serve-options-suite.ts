/** What wasmtime's own tests ask of a server command beside what serve-suite.ts and serve-p3-suite.ts do. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { Guest, guestFile } from "./host.ts";
import { RustGuest } from "./rust.ts";
import { get, Server } from "./serve/server.ts";
import type { Serving } from "./serve-suite.ts";

const hello = "Hello, World!\n";

export function serveOptionsSuite(serving: Serving): void {
  const { name, skip = false } = serving;
  describe(`options of serve on ${name}`, { skip }, () => {
    describe("0.2", () => guest2(serving));
    describe("0.3", () => guest3(serving));
  });
}

/** Twenty connections with five requests each. Returns the different answers that there were, by status and body. */
async function askMany(server: Server, path: string): Promise<readonly string[]> {
  const seen = new Set<string>();
  await Promise.all(
    Array.from({ length: 20 }, async () => {
      await using connection = await server.dial();
      for (let i = 0; i < 5; i++) {
        const { status, body } = await server.process.during(connection.exchange(get(path)));
        seen.add(status < 500 ? `${status} ${body}` : `${status}`);
      }
    }),
  );
  return [...seen];
}

function guest2({ command, wasmtime }: Serving): void {
  const serve = guestFile("http/serve");
  const serveCli = guestFile("http/serve-cli");

  it("--env=NAME is as the server's own, or not there", async () => {
    const options = ["-Scli", "--env=POLLUX_THERE", "--env=POLLUX_NOT_THERE"];
    await using server = await Server.start(command, serveCli, options, { POLLUX_THERE: "b" });
    assert.equal((await server.get("/env")).body.toString(), "POLLUX_THERE=b\nINSTANCE_ID=0\n");
  });

  it("--header=@FILE", async () => {
    const folder = mkdtempSync(join(tmpdir(), "pl-"));
    try {
      writeFileSync(join(folder, "headers"), "x-given: by the file\n\nx-other: two\n");
      await using server = await Server.start(command, serve, [`--header=@${join(folder, "headers")}`]);
      const { body } = await server.get("/headers", "X-Given: by the client\r\n");
      const lines = body.toString().split("\n");
      assert.deepEqual(lines.filter((line) => line.startsWith("| x-")).toSorted(), [
        "| x-given: by the file",
        "| x-other: two",
      ]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  // Releases of wasmtime are made without wasi:config.
  it("-Sconfig", { skip: wasmtime }, async () => {
    const options = ["-Sconfig", "-Sconfig-var=hello=world"];
    for (const more of [[], ["-Scli"]]) {
      await using server = await Server.start(command, guestFile("http/serve-config"), [...options, ...more]);
      assert.equal((await server.get("/")).body.toString(), "world");
    }
  });

  it("-S http-outgoing-body-*: a body comes as it would without", async () => {
    const options = ["-Shttp-outgoing-body-buffer-chunks=2", "-Shttp-outgoing-body-chunk-size=1024"];
    await using server = await Server.start(command, serve, options);
    assert.equal((await server.get("/length/300000")).body.length, 300_000);
  });

  it("the port of a server that was killed while it had connections", async () => {
    await using first = await Server.start(command, serve);
    await using connection = await first.dial();
    await connection.exchange(get("/hello"));
    first.process.kill("SIGKILL");
    await first.process.outcome();
    await using second = new Guest(command(serve, [`--addr=127.0.0.1:${first.port}`]), {});
    await second.waitFor(new RegExp(`^Serving HTTP on http://127\\.0\\.0\\.1:${first.port}/$`, "m"), "stderr");
  });

  it("an outparam that is not set, again and again", async () => {
    await using server = await Server.start(command, serve);
    await using connection = await server.dial();
    for (const path of ["/no-outparam", "/trap", "/no-outparam", "/trap"]) {
      assert.equal((await connection.exchange(get(path))).status, 500);
    }
  });

  it("many at once, in instances that are used again", async () => {
    await using server = await Server.start(command, serve, ["--max-instance-reuse-count=128"]);
    assert.deepEqual(await askMany(server, "/hello"), [`200 ${hello}`]);
  });

  it("-Wtimeout=100us, many at once", async () => {
    await using server = await Server.start(command, serve, ["-Wtimeout=100us"]);
    assert.deepEqual(await askMany(server, "/sleep/600000"), ["500"]);
    await server.process.waitFor(/guest timed out/, "stderr");
  });
}

function guest3({ command }: Serving): void {
  const guest = new RustGuest("serve3");
  describe("of Rust", { skip: guest.skip }, () => {
    before(() => guest.build());
    const start = (...options: readonly string[]) => Server.start(command, guest.file, ["-Scli", ...options]);

    for (const option of ["--max-instance-reuse-count=1", "--max-instance-concurrent-reuse-count=1"]) {
      it(`many at once, ${option}`, async () => {
        await using server = await start(option);
        assert.deepEqual(await askMany(server, "/hello"), [`200 ${hello}`]);
      });
    }

    it("an instance that is used once goes on after its response", async () => {
      await using server = await start("--max-instance-reuse-count=1");
      assert.equal((await server.get("/after/50")).body.toString(), "before\n");
      await server.process.waitFor(/after: went on$/m);
    });

    it("-Wtimeout=100us, many at once", async () => {
      await using server = await start("-Wtimeout=100us");
      assert.deepEqual(await askMany(server, "/sleep/600000"), ["500"]);
      await server.process.waitFor(/guest timed out/, "stderr");
    });
  });
}
