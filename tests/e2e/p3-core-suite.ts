/** Guests of WASI 0.3 that wait inside core code, and the versions of 0.3 that they may name. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { on } from "node:events";
import { writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Temporary } from "../core/files/tree.ts";
import { Client, listen } from "./client.ts";
import { type Host, type Outcome, run, start } from "./host.ts";
import { OPEN } from "./p3.ts";
import { answers, echoClient, type Way } from "./p3-core.ts";

const ways: readonly Way[] = ["a set inside a callback lift", "a stackful lift", "a sync lift"];
/** Any 0.3.x may be imported and exported. */
const versions = ["0.3.0", "0.3.1", "0.3.9"] as const;

/** Async functions by name, and what `--invoke` prints. */
const calls: Readonly<Record<string, string>> = { "later(20000000, 7)": "7", "later(0, 8)": "8" };

/** @param flags Of every run */
export function p3CoreSuite(hosts: readonly Host[], flags: readonly string[] = []): void {
  for (const host of hosts) {
    describe(`core modules of WASI 0.3 on ${host.name}`, { skip: host.skip }, () => {
      for (const way of ways) it(`waits by ${way}`, () => echo(host, flags, way));
      for (const version of versions)
        it(`imports and exports ${version}`, () => echo(host, flags, "a sync lift", version));

      for (const [call, answer] of Object.entries(calls)) {
        it(`--invoke ${call}`, async () => {
          const { status, stdout, stderr } = await invoke(host, call);
          assert.deepEqual([stderr, stdout.toString(), status], ["", `${answer}\n`, 0]);
        });
      }

      const hangs = host.name.startsWith("wasmtime") && "waits for ever";
      it("--invoke of a function that waits for nothing", { skip: hangs }, async () => {
        const { status, stderr } = await invoke(host, "never()");
        assert.match(stderr, /wasm trap: deadlock detected: event loop cannot make further progress/);
        assert.equal(status, 134);
      });
    });
  }
}

async function invoke(host: Host, call: string): Promise<Outcome> {
  using folder = new Temporary();
  const file = join(folder.path, "guest.wasm");
  writeFileSync(file, await answers());
  return await run(host, file, { flags: ["--invoke", call] });
}

async function echo(host: Host, flags: readonly string[], way: Way, version?: string): Promise<void> {
  using folder = new Temporary();
  const { server, port } = await listen({ allowHalfOpen: true });
  try {
    const file = join(folder.path, "guest.wasm");
    writeFileSync(file, await echoClient(way, port, version));
    const connections = on(server, "connection");
    await using guest = start(host, file, { flags: [...OPEN, ...flags] });
    const { value } = await guest.during(connections.next());
    const [socket] = value as [Socket];
    const peer = new Client(socket);
    for (const bytes of [Buffer.from("a few bytes"), randomBytes(8192), randomBytes(1_000_000)]) {
      const [received] = await Promise.all([peer.read(bytes.length), peer.send(bytes)]);
      assert.ok(received.equals(bytes), `${received.length} of ${bytes.length} bytes`);
    }
    peer.end();
    assert.equal((await peer.readToEnd()).length, 0);
    const { status, stderr } = await guest.outcome();
    assert.deepEqual([stderr, status], ["", 0]);
  } finally {
    server.close();
  }
}
