/** `run --watch` on every host: real files, real renames, real clients. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { appendFileSync, copyFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { parseComponent } from "../../src/component/binary/parse.ts";
import { ParseError } from "../../src/wasm/errors.ts";
import { plantLibc } from "../core/files/tree.ts";
import { Client, freePort } from "./client.ts";
import { guestFile, type Host, NETWORK, run, start } from "./host.ts";
import { interrupted, Target, times } from "./watched.ts";

const hello = "hello, world";
const arg = "arg app\\.wasm";
const listening = "listening on 127\\.0\\.0\\.1:\\d+";

const cannotStart =
  /^Error: failed to start a process for the guest: No such file or directory \(os error 2\); waiting for .* to change$/m;

const INOTIFY = "/proc/sys/user/max_inotify_instances";
const ofItsOwn = spawnSync("unshare", ["-Ur", "sh", "-c", `echo 0 > ${INOTIFY}`]);
const noWatchers = ofItsOwn.status === 0 ? false : "no user namespace in which watchers could be forbidden";

/** When a file that is not written on is broken (watch-file.ts), less what two clocks may differ by, ms. */
const BROKEN = 190;

/** Writes a component where it stands, no part of which is one. Answers the longest time between two writes, ms. */
async function writeInPieces(path: string, whole: Uint8Array<ArrayBuffer>): Promise<number> {
  let longest = 0;
  let before = performance.now();
  writeFileSync(path, whole.subarray(0, 100));
  for (let from = 100, to = 200; from < whole.length; to += 100) {
    if (to < whole.length && isComponent(whole.subarray(0, to))) continue;
    await setImmediate();
    const now = performance.now();
    appendFileSync(path, whole.subarray(from, to));
    longest = Math.max(longest, performance.now() - before);
    before = now;
    from = to;
  }
  return longest;
}

function isComponent(bytes: Uint8Array<ArrayBuffer>): boolean {
  try {
    parseComponent(bytes);
    return true;
  } catch (error) {
    if (error instanceof ParseError) return false;
    throw error;
  }
}

export function watchSuite(hosts: readonly Host[]): void {
  for (const host of hosts) {
    describe(`--watch on ${host.name}`, { skip: host.skip }, () => {
      const watch = (target: Target, flags: readonly string[] = [], args: readonly string[] = []) =>
        start(host, target.path, { flags: ["--watch", ...flags], args });

      it("runs a guest that has ended again when its file is replaced, with the same arguments", async () => {
        const target = new Target("args-env");
        await using guest = watch(target, ["--env", "A=b c"], ["--watch", "x y"]);
        for (const count of [1, 2, 3]) {
          await guest.waitFor(times(count, `${arg}\narg --watch\narg x y\nenv A=b c`));
          await guest.waitFor(times(count, `pollux: .*: waiting for it to change`), "stderr");
          target.replace(count === 1 ? "hello" : "args-env");
          if (count === 1) {
            await guest.waitFor(times(1, hello));
            target.replace("args-env");
          }
        }
        await interrupted(guest);
      });

      const stuck: readonly (readonly [string, string, readonly string[], RegExp | undefined])[] = [
        ["waits in the kernel", "tcpecho", ["127.0.0.1:0", "--no-ticks"], /^listening on/m],
        ["never calls its host", "cpu", ["4000000000"], undefined],
        ["waits for its input", "cat", [], undefined],
      ];
      for (const [what, guestName, args, ready] of stuck) {
        it(`stops a guest that ${what}`, async () => {
          const target = new Target("hello");
          await using guest = watch(target, [...NETWORK], args);
          await guest.waitFor(times(1, hello));
          target.replace(guestName);
          await guest.waitFor(/has changed$/m, "stderr");
          if (ready !== undefined) await guest.waitFor(ready);
          target.replace("args-env");
          await guest.waitFor(new RegExp(`^${arg}$`, "m"));
          await interrupted(guest);
        });
      }

      for (const [what, guestName, args, ready] of stuck) {
        it(`leaves no guest that ${what} behind when it is killed`, async () => {
          const target = new Target("hello");
          await using guest = watch(target, [...NETWORK], args);
          await guest.waitFor(times(1, hello));
          target.replace(guestName);
          await guest.waitFor(/has changed$/m, "stderr");
          if (ready !== undefined) await guest.waitFor(ready);
          guest.kill("SIGKILL");
          // Its output ends when no process has it any more.
          assert.equal((await guest.outcome()).signal, "SIGKILL");
        });
      }

      it("frees the guest's port before the next one binds it", async () => {
        const target = new Target("tcpecho");
        const port = await freePort();
        await using guest = watch(target, [...NETWORK], [`127.0.0.1:${port}`, "--no-ticks"]);
        for (const count of [1, 2, 3]) {
          await guest.waitFor(times(count, `listening on 127\\.0\\.0\\.1:${port}`));
          const client = await Client.dial(port);
          await client.send("hello");
          assert.equal((await client.read(5)).toString(), "hello");
          target.replace("tcpecho");
          await client.readToEnd().catch((error: NodeJS.ErrnoException) => assert.equal(error.code, "ECONNRESET"));
        }
        await guest.waitFor(times(4, `listening on 127\\.0\\.0\\.1:${port}`));
        await interrupted(guest);
        await assert.rejects(Client.dial(port), { code: "ECONNREFUSED" });
      });

      it("says what is wrong with a broken file, while the guest before goes on", async () => {
        const target = new Target("tcpecho");
        const port = await freePort();
        await using guest = watch(target, [...NETWORK], [`127.0.0.1:${port}`, "--no-ticks"]);
        await guest.waitFor(times(1, "listening on .*"));
        writeFileSync(target.path, readFileSync(guestFile("hello")).subarray(0, 500));
        await guest.waitFor(
          /^Error: failed to parse WebAssembly module: .*; waiting for .*app\.wasm to change$/m,
          "stderr",
        );
        const client = await Client.dial(port);
        await client.send("hello");
        assert.equal((await client.read(5)).toString(), "hello");
        client.close();
        target.replace("hello");
        await guest.waitFor(times(1, hello));
        await interrupted(guest);
      });

      it("says how long a restart took", async () => {
        const target = new Target("args-env");
        await using guest = watch(target);
        await guest.waitFor(times(1, arg));
        target.replace("hello");
        await guest.waitFor(times(1, hello));
        await guest.waitFor(/has changed\npollux: restarted in \d+ ms$/m, "stderr");
        await interrupted(guest);
      });

      it("does not take a file for broken while it is being written", async () => {
        // A writer that a busy machine holds up for too long has paused, and proves nothing.
        for (let pause = Number.POSITIVE_INFINITY; pause >= BROKEN; ) {
          const target = new Target("args-env");
          await using guest = watch(target);
          await guest.waitFor(new RegExp(`^${arg}$`, "m"));
          pause = await writeInPieces(target.path, new Uint8Array(readFileSync(guestFile("hello"))));
          await guest.waitFor(times(1, hello));
          guest.kill("SIGTERM");
          const { stderr } = await guest.outcome();
          if (pause < BROKEN) assert.doesNotMatch(stderr, /Error/);
        }
      });

      it("waits for a file that is not there yet, and for one whose folder goes away", async () => {
        const target = new Target();
        await using guest = watch(target);
        await guest.waitFor(
          /^Error: failed to open wasm module .*app\.wasm": No such file or directory \(os error 2\); waiting for .* to change$/m,
          "stderr",
        );
        target.replace("hello");
        await guest.waitFor(times(1, hello));
        rmSync(target.folder, { recursive: true });
        await guest.waitFor(times(2, "Error: failed to open wasm module .*"), "stderr");
        mkdirSync(target.folder);
        target.replace("args-env");
        await guest.waitFor(new RegExp(`^${arg}$`, "m"));
        await interrupted(guest);
      });

      it("follows a symbolic link to where the file is", async () => {
        const real = new Target("hello");
        const target = new Target();
        symlinkSync(real.path, target.path);
        await using guest = watch(target);
        await guest.waitFor(times(1, hello));
        real.replace("args-env");
        await guest.waitFor(new RegExp(`^${arg}$`, "m"));
        await interrupted(guest);
      });

      it("reports a guest that traps, or cannot be linked, and goes on", async () => {
        const target = new Target("trap");
        await using guest = watch(target, [], ["unreachable"]);
        await guest.waitFor(
          /wasm trap: wasm `unreachable`[\s\S]*ended with status 134: waiting for it to change$/m,
          "stderr",
        );
        target.replace("unknown-import");
        await guest.waitFor(
          /implementation is missing[\s\S]*ended with status 1: waiting for it to change$/m,
          "stderr",
        );
        target.replace("hello");
        await guest.waitFor(times(1, hello));
        await interrupted(guest);
      });

      it("leaves each guest what the one before has not read of stdin", async () => {
        const target = new Target("cat");
        await using guest = watch(target);
        guest.send("first\n");
        await guest.waitFor(/^first$/m);
        target.replace("hello");
        // The change is told before the guest before has ended, which could still read.
        await guest.waitFor(times(1, hello));
        guest.send("second\n");
        target.replace("cat");
        await guest.waitFor(/^second$/m);
        guest.input("");
        await guest.waitFor(/(?:has changed$[\s\S]*){2}ended with status 0/m, "stderr");
        await interrupted(guest);
      });

      it("gives each guest the directories of --dir", async () => {
        const target = new Target("hello");
        const flags = plantLibc(target.folder);
        await using guest = watch(target, flags);
        await guest.waitFor(times(1, hello));
        target.replace("behaviour/files-libc");
        await guest.waitFor(times(1, "\\d+ checks"));
        await interrupted(guest, "SIGTERM");
      });

      it("needs nobody who tells it of changes", { skip: noWatchers }, async () => {
        const target = new Target("hello");
        const script = `echo 0 > ${INOTIFY}; exec "$@"`;
        const command = ["unshare", "-Ur", "sh", "-c", script, "sh", ...host.command];
        await using guest = start({ ...host, command }, target.path, { flags: ["--watch"] });
        await guest.waitFor(times(1, hello));
        target.replace("args-env");
        await guest.waitFor(new RegExp(`^${arg}$`, "m"));
        await interrupted(guest);
      });

      // The runtimes' own files are not ours to take away.
      if (host.name === "binary") {
        it("tells when no process can be started, and the guest goes on", async () => {
          const target = new Target("tcpecho");
          const program = join(target.folder, "pollux");
          copyFileSync(host.command[0]!, program);
          await using guest = start({ ...host, command: [program] }, target.path, {
            flags: ["--watch", ...NETWORK],
            args: ["127.0.0.1:0", "--no-ticks"],
          });
          await guest.waitFor(times(1, listening));
          rmSync(program);
          target.replace("tcpecho");
          const [said] = await guest.waitFor(/has changed$|^Error: .*$/m, "stderr");
          if (said === "has changed") {
            // Of the process that stood by already; there is no other.
            await guest.waitFor(times(2, listening));
            target.replace("tcpecho");
          }
          await guest.waitFor(cannotStart, "stderr");
          const client = await Client.dial(Number(guest.stdout.match(/:(\d+)\n$/)![1]));
          await client.send("x");
          assert.equal((await client.read(1)).toString(), "x");
          client.close();
          await interrupted(guest);
        });
      }

      it("refuses to watch standard input", async () => {
        const { status, stderr } = await run(host, "-", { flags: ["--watch"] });
        assert.deepEqual([status, stderr], [1, "Error: --watch needs a file: standard input cannot be watched\n"]);
      });
    });
  }
}
