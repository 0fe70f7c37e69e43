/** `run --watch` on every host: real files, real renames, real clients. */
import assert from "node:assert/strict";
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { binary } from "../component/text.ts";
import { Client, listen } from "./client.ts";
import { type Guest, guestFile, hosts, NETWORK, run, start } from "./host.ts";

const scratch = mkdtempSync(join(tmpdir(), "pollux watch é "));
after(() => rmSync(scratch, { recursive: true }));
let folders = 0;

/** The file that a guest is watched in, in a folder of its own. */
class Target {
  readonly folder = join(scratch, `${folders++}`);
  readonly path = join(this.folder, "app.wasm");

  constructor(guest?: string) {
    mkdirSync(this.folder);
    if (guest !== undefined) this.replace(guest);
  }

  /** Puts a guest in its place, as compilers do. */
  replace(guest: string): void {
    const made = join(this.folder, "app.wasm.new");
    copyFileSync(guestFile(guest), made);
    renameSync(made, this.path);
  }
}

/** `count` times in all so far. */
function times(count: number, text: string): RegExp {
  return new RegExp(`(?:^${text}$[^]*?){${count}}`, "m");
}

const hello = "hello, world";
const arg = "arg app\\.wasm";

async function interrupted(guest: Guest, signal: NodeJS.Signals = "SIGINT"): Promise<string> {
  guest.kill(signal);
  const outcome = await guest.outcome();
  assert.deepEqual([outcome.status, outcome.signal], [null, signal]);
  return outcome.stdout.toString();
}

/** A port of 127.0.0.1 that nobody has. */
async function freePort(): Promise<number> {
  const { server, port } = await listen();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** wasip1: echoes one byte to each client of descriptor 3, one after the other. */
const echoModule = `(module
  (import "wasi_snapshot_preview1" "sock_accept" (func $accept (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\\20\\00\\00\\00\\01\\00\\00\\00") ;; an iovec: one byte at 32
  (func (export "_start")
    (loop
      (drop (call $accept (i32.const 3) (i32.const 0) (i32.const 16)))
      (drop (call $read (i32.load (i32.const 16)) (i32.const 0) (i32.const 1) (i32.const 20)))
      (drop (call $write (i32.load (i32.const 16)) (i32.const 0) (i32.const 1) (i32.const 20)))
      (drop (call $close (i32.load (i32.const 16))))
      (br 0))))`;

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
      await guest.waitFor(/^Error: failed to parse WebAssembly module\n[\s\S]*waiting for it to change$/m, "stderr");
      const client = await Client.dial(port);
      await client.send("hello");
      assert.equal((await client.read(5)).toString(), "hello");
      client.close();
      target.replace("hello");
      await guest.waitFor(times(1, hello));
      await interrupted(guest);
    });

    it("does not take a file for broken while it is being written", async () => {
      const target = new Target("args-env");
      await using guest = watch(target);
      await guest.waitFor(new RegExp(`^${arg}$`, "m"));
      const whole = readFileSync(guestFile("hello"));
      writeFileSync(target.path, whole.subarray(0, 100));
      for (let at = 100; at < whole.length; at += 100) {
        await setImmediate();
        appendFileSync(target.path, whole.subarray(at, at + 100));
      }
      await guest.waitFor(times(1, hello));
      guest.kill("SIGTERM");
      assert.doesNotMatch((await guest.outcome()).stderr, /Error/);
    });

    it("waits for a file that is not there yet, and for one whose folder goes away", async () => {
      const target = new Target();
      await using guest = watch(target);
      await guest.waitFor(
        /^Error: failed to open wasm module .*app\.wasm"\n[\s\S]*: waiting for it to change$/m,
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
      await guest.waitFor(/implementation is missing[\s\S]*ended with status 1: waiting for it to change$/m, "stderr");
      target.replace("hello");
      await guest.waitFor(times(1, hello));
      await interrupted(guest);
    });

    it("leaves each guest what the one before has not read of stdin", async () => {
      const target = new Target("cat");
      await using guest = watch(target);
      guest.send("first\n");
      await guest.waitFor(/^first$/m);
      target.replace("cat");
      await guest.waitFor(/has changed$/m, "stderr");
      guest.send("second\n");
      await guest.waitFor(/^first\nsecond$/m);
      guest.input("");
      await guest.waitFor(/ended with status 0/m, "stderr");
      await interrupted(guest);
    });

    it("gives each guest the directories of --dir", async () => {
      const target = new Target("behaviour/files");
      const given = join(target.folder, "given");
      mkdirSync(given);
      await using guest = watch(target, ["--dir", given]);
      await guest.waitFor(times(1, "\\d+ checks"));
      target.replace("behaviour/files");
      await guest.waitFor(times(2, "\\d+ checks"));
      await interrupted(guest, "SIGTERM");
    });

    it("refuses to watch standard input", async () => {
      const { status, stderr } = await run(host, "-", { flags: ["--watch"] });
      assert.deepEqual([status, stderr], [1, "Error: --watch needs a file: standard input cannot be watched\n"]);
    });
  });

  describe(`--watch=keep-listeners on ${host.name}`, { skip: host.skip }, () => {
    const flags = ["--watch=keep-listeners", ...NETWORK];

    /** A client that connects again and again, and how often it was answered. */
    class Visitor {
      answered = 0;
      #stopped = false;
      readonly #visits: Promise<void>;

      constructor(port: number, address: string) {
        this.#visits = this.#visit(port, address);
      }

      async #visit(port: number, address: string): Promise<void> {
        while (!this.#stopped) {
          // A refused connection fails the test here. One that the guest had taken ends with the guest.
          const client = await Client.dial(port, address);
          const answer = await client
            .send("x")
            .then(() => client.read(1))
            .catch((error: NodeJS.ErrnoException) => {
              if (error.code !== "ECONNRESET" && error.code !== "EPIPE") throw error;
              return "";
            });
          this.answered += answer.length;
          client.close();
        }
      }

      async stop(): Promise<void> {
        this.#stopped = true;
        await this.#visits;
      }
    }

    async function visited(guest: Guest, target: Target, port: number, address: string, replace: () => void) {
      const visitor = new Visitor(port, address);
      for (let restart = 1; restart <= 5; restart++) {
        replace();
        await guest.waitFor(times(restart, `pollux: .*app\\.wasm has changed`), "stderr");
        const before = visitor.answered;
        while (visitor.answered < before + 10) await setImmediate();
      }
      await visitor.stop();
      assert.ok(visitor.answered >= 50, `${target.path}: ${visitor.answered}`);
    }

    for (const [address, shown] of [
      ["127.0.0.1", "127.0.0.1"],
      ["::1", "[::1]"],
    ] as const) {
      it(`refuses no client of ${shown} during five restarts`, async () => {
        const target = new Target("tcpecho");
        const port = await freePort();
        await using guest = start(host, target.path, { flags, args: [`${shown}:${port}`, "--no-ticks"] });
        await guest.waitFor(times(1, "listening on .*"));
        await visited(guest, target, port, address, () => target.replace("tcpecho"));
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
      await visited(guest, target, port, "127.0.0.1", replace);
      await interrupted(guest);
    });

    it("keeps connections that come while no guest runs, for the next one", async () => {
      const target = new Target("tcpecho");
      const port = await freePort();
      await using guest = start(host, target.path, { flags, args: [`127.0.0.1:${port}`, "--no-ticks"] });
      await guest.waitFor(times(1, "listening on .*"));
      target.replace("hello");
      await guest.waitFor(times(1, hello));
      const client = await Client.dial(port);
      await client.send("early");
      target.replace("tcpecho");
      assert.equal((await client.read(5)).toString(), "early");
      client.close();
      await interrupted(guest);
    });
  });
}
