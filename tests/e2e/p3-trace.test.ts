/** What --trace and --stats say of a guest of WASI 0.3: its calls, the built-ins of component model async, and whom its tasks wait for. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hosts } from "./host.ts";
import { buildP3, p3, runTopic } from "./p3.ts";

/** A trace without its times, a line a call. */
function timeless(stderr: string): string[] {
  return stderr
    .trim()
    .split("\n")
    .map((line) => line.replace(/^ *[\d.]+ /, "").replace(/ <[\d.]+>$/, ""));
}

buildP3();

describe("a trace of WASI 0.3", { skip: p3.skip }, () => {
  for (const host of hosts) {
    it(`says how many bytes a stream took on ${host.name}`, { skip: host.skip }, async () => {
      const { status, stderr } = await runTopic(host, ["hello"], { flags: ["--trace"] });
      assert.deepEqual(
        [status, timeless(stderr)],
        [
          0,
          [
            'cli/environment get-arguments() = ["p3-guest.wasm", "hello"]',
            "canon stream.new() = [1, 2]",
            "cli/stdout write-via-stream(stream) = future",
            "canon stream.write(2, 17) = {completed: 17}",
            "canon stream.drop-writable(2) = ok",
            "canon future.read(1) = completed",
            "canon future.drop-readable(1) = ok",
          ],
        ],
      );
    });

    it(`says whom a task waits for on ${host.name}`, { skip: host.skip }, async () => {
      const { status, stderr } = await runTopic(host, ["timers"], { flags: ["--trace=canon,clocks"] });
      assert.equal(status, 0);
      const lines = timeless(stderr);
      assert.ok(lines.includes("clocks/monotonic-clock wait-for(20000000) = ok"), stderr);
      assert.ok(lines.includes("canon callback(none, none, 0) = {wait: [{index: 1, for: subtask}]}"), stderr);
      assert.ok(
        lines.some((line) => /^canon callback\(subtask, 1, 2\) = /.test(line)),
        stderr,
      );
    });

    it(`counts the calls of built-ins on ${host.name}`, { skip: host.skip }, async () => {
      const { status, stderr } = await runTopic(host, ["hello"], { flags: ["--stats=json"] });
      assert.equal(status, 0);
      const { calls } = JSON.parse(stderr) as { readonly calls: Readonly<Record<string, number>> };
      assert.deepEqual(calls, { "wasi:cli/environment": 1, "wasi:cli/stdout": 1, canon: 5 });
    });
  }
});
