/** -W timeout, as real processes: it ends a guest wherever it is, and only then. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { closeSync, constants, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { type Ended, run as runProgram } from "../../adapters/programs.ts";
import { guestFile, type Host, NETWORK, run, start } from "../../e2e/host.ts";
import { command, here, hereWithoutFfi, scratchDirectory, textGuest } from "../here.ts";

const scratch = scratchDirectory();
const TIMED_OUT = "Error: timed out after deadline has elapsed\n\nCaused by:\n    wasm trap: interrupt\n\n";

const guests: Record<string, string> = {};
const writer = (fd: 1 | 2) => `(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\\10\\00\\00\\00\\01\\00\\00\\00")
  (func (export "_start")
    (loop (drop (call $write (i32.const ${fd}) (i32.const 0) (i32.const 1) (i32.const 8))) (br 0))))`;
before(async () => {
  guests["component"] = await textGuest(scratch, "component", command("(loop (br 0)) unreachable"));
  guests["module"] = await textGuest(scratch, "module", `(module (func (export "_start") (loop (br 0))))`);
  guests["stdout"] = await textGuest(scratch, "stdout", writer(1));
  guests["stderr"] = await textGuest(scratch, "stderr", writer(2));
  guests["started"] = await textGuest(scratch, "started", command("i32.const 0", "(func $s (loop (br 0))) (start $s)"));
});

/** The end of a run whose stdout and stderr are a full pipe that nobody reads. */
async function unread(host: Host, flags: readonly string[], file: string): Promise<Pick<Ended, "status" | "signal">> {
  const path = join(scratch, "unread");
  spawnSync("mkfifo", [path]);
  const both = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  const writing = openSync(path, constants.O_WRONLY);
  try {
    assert.throws(() => {
      for (;;) writeSync(both, "x");
    }, /EAGAIN|temporarily unavailable/);
    const { status, signal } = await runProgram([...host.command, "run", ...flags, file], {
      stdio: ["ignore", writing, writing],
    });
    return { status, signal };
  } finally {
    closeSync(both);
    closeSync(writing);
  }
}

/** How a process ends: without FFI a signal alone can end it, the one that the status stands for. */
const exited = { status: 134, signal: null };
const aborted = { status: null, signal: "SIGABRT" };

for (const [host, end] of [
  ...here.map((host) => [host, exited] as const),
  ...hereWithoutFfi.map((host) => [host, aborted] as const),
]) {
  describe(`-W timeout on ${host.name}`, { skip: host.skip }, () => {
    const loops = { component: "run", module: "_start", started: "a start function" };
    for (const [name, where] of Object.entries(loops)) {
      it(`ends a loop in ${where} of a ${name}`, async () => {
        await using guest = start(host, guests[name]!, { flags: ["-Wtimeout=50ms"] });
        const { status, signal, stderr } = await guest.outcome();
        assert.deepEqual({ status, signal, stderr }, { ...end, stderr: TIMED_OUT });
      });
    }

    it("ends a guest that waits for stdin, which stays open", async () => {
      await using guest = start(host, guestFile("cat"), { flags: ["-W", "timeout=50ms"] });
      const { status, signal, stderr } = await guest.outcome();
      assert.deepEqual({ status, signal, stderr }, { ...end, stderr: TIMED_OUT });
    });

    for (const name of ["component", "stdout", "stderr"]) {
      for (const net of host.evented === true ? ["evented"] : ["posix", "evented"]) {
        it(`ends a guest whose output nobody reads, on ${net}: ${name}`, async () => {
          const flags = ["-Wtimeout=50ms", `--net=${net}`];
          assert.deepEqual(await unread(host, flags, guests[name]!), end);
        });
      }
    }

    it("ends a guest that waits for connections; what it wrote stays written", async () => {
      let written = "";
      // A busy machine may take all of a time to get there: then a longer one is given.
      for (let seconds = 2; written === "" && seconds < 60; seconds *= 4) {
        await using guest = start(host, guestFile("tcpecho"), {
          flags: [...NETWORK, `-Wtimeout=${seconds}s`],
          args: ["127.0.0.1:0", "--no-ticks"],
        });
        const { status, signal, stdout, stderr } = await guest.outcome();
        assert.deepEqual({ status, signal, stderr }, { ...end, stderr: TIMED_OUT });
        written = stdout.toString();
      }
      assert.match(written, /^listening on 127\.0\.0\.1:\d+\n$/);
    });

    for (const flag of ["-Wtimeout=1000s", "-Wtimeout=18446744073709551615"]) {
      it(`${flag}: a guest that ends before has ended`, async () => {
        const { status, stdout, stderr } = await run(host, guestFile("hello"), { flags: [flag] });
        assert.deepEqual(
          { status, stdout: stdout.toString(), stderr },
          { status: 0, stdout: "hello, world\n", stderr: "" },
        );
      });
    }
  });
}
