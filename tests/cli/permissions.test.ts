/** Deno with fewer permissions than `-A`: what lacks one says which, in a sentence. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { guestFile, hosts } from "../e2e/host.ts";

const root = join(import.meta.dirname, "..", "..");
const skip = hosts.some(({ name }) => name === "deno") ? false : "no Deno";

describe("deno run without -A", { skip }, () => {
  const cases: [string, string[], string[], number, RegExp][] = [
    ["files and libc are enough", ["read", "ffi"], [], 0, /^$/],
    ["files are enough: the runtime's own sockets need no libc", ["read"], [], 0, /^$/],
    ["no libc", ["read"], ["--net=posix"], 1, /^Error: Pollux calls libc on Deno: allow it with --allow-ffi/],
    ["no files", ["ffi"], [], 1, /^Error: failed to open wasm module .*--allow-read/s],
    ["no environment", ["read", "ffi"], ["-Sinherit-env"], 1, /^Error: failed to read the environment\n.*--allow-env/s],
    ["no variable", ["read", "ffi"], ["--env", "HOME"], 1, /^Error: failed to read the environment\n.*--allow-env/s],
    ["no sockets of a service manager", ["read"], ["-Slistenfd"], 1, /^Error: components do not support --listenfd\n$/],
    [
      "no processes",
      ["read"],
      ["--watch"],
      1,
      /^Error: failed to start a process for the guest\n.*--allow-all flag\n\n$/s,
    ],
    [
      "no processes, by name",
      ["read", "run"],
      ["--watch"],
      1,
      /^Error: failed to start a process for .*--allow-all flag\n\n$/s,
    ],
    [
      "no trace file",
      ["read"],
      ["--trace-file=x"],
      1,
      /^Error: failed to open trace file "x"\n.*--allow-write flag\n\n$/s,
    ],
    ["no directories", ["read"], ["--dir=."], 1, /^Error: Pollux calls libc on Deno: allow it with --allow-ffi/],
    ["POLLUX_LOG alone", ["read", "ffi", "env=POLLUX_LOG"], [], 0, /^pollux: debug: .*exit status 0\n$/s],
  ];
  for (const [what, allowed, options, status, says] of cases) {
    it(what, () => {
      const flags = allowed.map((name) => `--allow-${name}`);
      const ended = spawnSync(
        join(root, "node_modules/.bin/deno"),
        ["run", "--no-prompt", ...flags, "bin/deno.ts", "run", ...options, guestFile("hello")],
        { cwd: root, encoding: "utf8", input: "", env: { ...process.env, POLLUX_LOG: "debug" }, timeout: 60_000 },
      );
      assert.match(ended.stderr, says);
      assert.equal(ended.status, status);
    });
  }
});
