/** A file or directory as stdin, on every host and its kinds of machines. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { binary } from "../component/text.ts";
import { eventedHosts, guestFile, type Host, waitingHosts } from "./host.ts";

const scratch = mkdtempSync(join(tmpdir(), "pollux-stdin-"));
after(() => rmSync(scratch, { recursive: true }));

/** Waits for stdin, and copies five bytes of it to stdout, then two. */
const FEW = `(module
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func $copy (param i32)
    (i32.store (i32.const 0) (i32.const 64))
    (i32.store (i32.const 4) (local.get 0))
    (if (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 4)) (then unreachable))
    (if (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)) (then unreachable)))
  (func (export "_start")
    (i32.store8 (i32.const 136) (i32.const 1))
    (if (call $poll (i32.const 128) (i32.const 256) (i32.const 1) (i32.const 8)) (then unreachable))
    (call $copy (i32.const 5))
    (call $copy (i32.const 2))))`;

/** What a shell line prints that runs `run`: the file as a guest, on the host. */
function shell(host: Host, line: string, file: string): { status: number | null; stdout: string; stderr: string } {
  const command = [...host.command, "run", ...(host.flags ?? []), file];
  const env = { ...process.env, DENO_NO_UPDATE_CHECK: "1" };
  const { status, stdout, stderr } = spawnSync("sh", ["-c", line, "sh", ...command], {
    cwd: scratch,
    encoding: "utf8",
    env,
  });
  return { status, stdout, stderr };
}

before(async () => {
  writeFileSync(join(scratch, "few.wasm"), await binary(FEW));
  writeFileSync(join(scratch, "input"), "0123456789".repeat(20_000));
});

for (const host of [...waitingHosts, ...eventedHosts]) {
  describe(`stdin on ${host.name}`, { skip: host.skip }, () => {
    it("from a file leaves what the guest has not read to who reads next", () => {
      const { status, stdout, stderr } = shell(host, '("$@"; head -c 5) <input', join(scratch, "few.wasm"));
      assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: "012345678901", stderr: "" });
    });

    it("from a file goes to its end", () => {
      const { status, stdout, stderr } = shell(host, '"$@" <input | wc -c', guestFile("cat"));
      assert.deepEqual({ status, stdout: stdout.trim(), stderr }, { status: 0, stdout: "200000", stderr: "" });
    });

    it("that is a directory is is-directory", () => {
      const { status, stdout, stderr } = shell(host, '"$@" <.', guestFile("behaviour/stdin-directory"));
      assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: "4 checks\n", stderr: "" });
    });
  });
}
