/** Arguments and environment values that are not UTF-8: refused as wasmtime 48.0.8 does, where the kernel tells their bytes. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { describe, it } from "node:test";
import { guestFile, hosts } from "./host.ts";

const guest = guestFile("args-env");

/** Options and words of the command line, in the shell's; `$bad` is a byte 0xff between two letters. Status, stderr. */
const cases: readonly (readonly [string, number, string])[] = [
  [`${guest} "$bad"`, 1, 'Error: failed to convert "a\\xFFb" to utf-8\n'],
  [`${guest} é "é\\"$bad"`, 1, 'Error: failed to convert "é\\"a\\xFFb" to utf-8\n'],
  [`--env BAD ${guest}`, 1, "Error: environment variable `BAD` not valid utf-8\n"],
  [`-Sinherit-env ${guest}`, 1, 'Error: environment variable "BAD" value "a\\xFFb" not valid utf-8\n'],
  [
    `--env "X=$bad" ${guest}`,
    2,
    "error: invalid UTF-8 was detected in one or more arguments\n\nUsage: pollux run [OPTIONS] <WASM>...\n\nFor more information, try '--help'.\n",
  ],
  [`--env é=ü ${guest} é \ufffd`, 0, ""],
];

/** Files with names that are not UTF-8, which Deno cannot open. */
const files: readonly (readonly [string, number, string, RegExp])[] = [
  ['"$dir/$bad"', 1, "", /^Error: failed to convert "a\\xFFb" to utf-8\n$/],
  ['--argv0 other "$dir/$bad"', 0, "hello, world\n", /^$/],
  ['--argv0 other "$dir/$bad" "$bad"', 1, "", /^Error: failed to convert "a\\xFFb" to utf-8\n$/],
  ['--argv0 other "$dir/none/$bad"', 1, "", /^Error: failed to open wasm module ".*\/none\/a\\xFFb"\n/],
];

for (const host of hosts) {
  describe(`what is not UTF-8, on ${host.name}`, {
    skip: host.skip || (process.platform === "linux" ? false : "only Linux tells"),
  }, () => {
    for (const [words, status, stderr] of cases) {
      it(words.replaceAll(guest, "args-env.wasm"), () => {
        const script = `bad=$(printf 'a\\377b'); export BAD="$bad"; exec "$@" run ${words}`;
        const outcome = spawnSync("sh", ["-c", script, "sh", ...host.command], {
          encoding: "utf8",
          env: { ...process.env, NO_COLOR: "1" },
        });
        assert.deepEqual([outcome.stderr, outcome.status], [stderr, status]);
      });
    }

    for (const [words, status, stdout, stderr] of files) {
      const opens = host.name !== "deno" || status !== 0;
      it(words, { skip: opens ? false : "Deno opens files by UTF-8 names alone" }, () => {
        const script = `bad=$(printf 'a\\377b'); dir=$(mktemp -d); trap 'rm -r "$dir"' EXIT
          cp ${guestFile("hello")} "$dir/$bad"; "$@" run ${words}`;
        const outcome = spawnSync("sh", ["-c", script, "sh", ...host.command], { encoding: "utf8" });
        assert.match(outcome.stderr, stderr);
        assert.deepEqual([outcome.stdout, outcome.status], [stdout, status]);
      });
    }
  });
}
