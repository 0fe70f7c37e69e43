/** `run --watch=keep-listeners` on every host: clients that connect while guests come and go. */
import assert from "node:assert/strict";
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { binary } from "../component/text.ts";
import { Client, freePort } from "./client.ts";
import { type Guest, type Host, NETWORK, start } from "./host.ts";
import { interrupted, Target, times } from "./watched.ts";

const flags = ["--watch=keep-listeners", ...NETWORK];

/** wasip1: echoes one byte to each client of descriptor 3, one after the other. */
const echoModule = `(module
  (import "wasi_snapshot_preview1" "sock_accept" (func $accept (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_fdstat_set_flags" (func $set-flags (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\\20\\00\\00\\00\\01\\00\\00\\00") ;; an iovec: one byte at 32
  (func (export "_start")
    (drop (call $set-flags (i32.const 3) (i32.const 0))) ;; it was non-blocking
    (loop
      (drop (call $accept (i32.const 3) (i32.const 0) (i32.const 16)))
      (drop (call $read (i32.load (i32.const 16)) (i32.const 0) (i32.const 1) (i32.const 20)))
      (drop (call $write (i32.load (i32.const 16)) (i32.const 0) (i32.const 1) (i32.const 20)))
      (drop (call $close (i32.load (i32.const 16))))
      (br 0))))`;

/** Connects, and answers whether the guest echoed. */
async function visit(port: number, address: string): Promise<boolean> {
  let client: Client | undefined;
  try {
    client = await Client.dial(port, address);
    await client.send("x");
    return (await client.read(1)).length === 1;
  } catch (error) {
    // A refused connection fails the test. One that the guest had taken ends with the guest, before the connect is told of even.
    if (!(error instanceof Error && "code" in error && /^(ECONNRESET|EPIPE)$/.test(String(error.code)))) throw error;
    return false;
  } finally {
    client?.close();
  }
}

/** One client after the other while the guest is replaced five times: through each restart, and ten answers beyond. */
async function visited(guest: Guest, port: number, address: string, replace: () => void): Promise<void> {
  for (let restart = 1; restart <= 5; restart++) {
    let told = false;
    const visits = async () => {
      for (let after = 0; after < 10; ) if ((await visit(port, address)) && told) after++;
    };
    replace();
    const change = guest.waitFor(times(restart, `pollux: .*app\\.wasm has changed`), "stderr");
    await Promise.all([change.finally(() => (told = true)), visits()]);
  }
}

export function keepListenersSuite(hosts: readonly Host[]): void {
  for (const host of hosts) {
    describe(`--watch=keep-listeners on ${host.name}`, { skip: host.skip }, () => {
      for (const [address, shown] of [
        ["127.0.0.1", "127.0.0.1"],
        ["::1", "[::1]"],
      ] as const) {
        it(`refuses no client of ${shown} during five restarts`, async () => {
          const target = new Target("tcpecho");
          const port = await freePort();
          await using guest = start(host, target.path, { flags, args: [`${shown}:${port}`, "--no-ticks"] });
          await guest.waitFor(times(1, "listening on .*"));
          await visited(guest, port, address, () => target.replace("tcpecho"));
          await guest.waitFor(times(6, "listening on .*"));
          await interrupted(guest);
          await assert.rejects(Client.dial(port, address), { code: "ECONNREFUSED" });
        });
      }

      it("refuses no client of a core module with -Stcplisten", async () => {
        const target = new Target();
        const module = await binary(echoModule);
        const replace = () => {
          const made = join(target.folder, "new");
          writeFileSync(made, module);
          renameSync(made, target.path);
        };
        replace();
        const port = await freePort();
        const options = ["--watch=keep-listeners", "-v", `-Stcplisten=127.0.0.1:${port}`];
        await using guest = start(host, target.path, { flags: options });
        await guest.waitFor(/listening on/, "stderr");
        await visited(guest, port, "127.0.0.1", replace);
        await interrupted(guest);
      });

      it("keeps connections that come while no guest runs, for the next one", async () => {
        const target = new Target("tcpecho");
        const port = await freePort();
        await using guest = start(host, target.path, { flags, args: [`127.0.0.1:${port}`, "--no-ticks"] });
        await guest.waitFor(times(1, "listening on .*"));
        target.replace("hello");
        await guest.waitFor(times(1, "hello, world"));
        const client = await Client.dial(port);
        await client.send("early");
        target.replace("tcpecho");
        assert.equal((await client.read(5)).toString(), "early");
        client.close();
        await interrupted(guest);
      });
    });
  }
}
