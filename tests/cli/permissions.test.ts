/** Deno with fewer permissions than `-A`: what lacks one says which, in a sentence, and nobody is asked, in a terminal or not. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { guestFile, programOf } from "../e2e/host.ts";
import { here, scratchDirectory } from "./here.ts";
import { noTerminal, terminal } from "./pty.ts";

const root = join(import.meta.dirname, "..", "..");
const scratch = scratchDirectory();
// What is tested is Deno, which Node and Bun would only start once more.
const skip = here.some(({ name }) => name === "deno") ? false : "once is enough: on Deno";

const needs = (what: string, name: string) =>
  new RegExp(`^Error: ${what} needs --allow-${name} of Deno \\(or -A\\)\n$`);
const libc = /^Error: Pollux calls libc on Deno: allow it with --allow-ffi \(or use -A\)\n$/;
const [hello, trap, requests] = ["hello", "trap", "http/requests"].map(guestFile) as [string, string, string];
const quiet = /^$/;

/** What is allowed, the words of Pollux, the exit status, and what is said on stderr. */
const cases: readonly (readonly [string, readonly string[], number, RegExp])[] = [
  ["read,ffi", [hello], 0, quiet],
  ["read", [hello], 0, quiet],
  ["net,read", ["--help"], 0, quiet],
  ["net,read", ["--version"], 0, quiet],
  ["net,read", ["completion", "bash"], 0, quiet],
  ["net,read", [hello], 0, quiet],
  ["net,read", ["-v", hello], 0, /^pollux: debug: .*exit status 0\n$/s],
  ["net,read", ["--stats", hello], 0, /total/],
  ["net,read", ["--trace", hello], 0, /cli\/stdout/],
  ["net,read", ["--wait=suspending", hello], 0, quiet],
  ["net,read", ["--net=evented", hello], 0, quiet],
  ["net,read", ["-Shttp", hello], 0, quiet],
  ["net,read", ["-Shttp", requests, "untrusted", "localhost:1"], 1, /fetch\(request, NULL, &response\)/],
  ["net,read", [guestFile("args-env"), "\ufffd"], 0, quiet],
  ["net,read", [trap, "unreachable"], 134, /wasm `unreachable` instruction executed/],
  ["net,read", ["no-such.wasm"], 1, /No such file or directory/],
  ["net,read", ["--config", "no-such.toml", hello], 1, /No such file or directory/],
  ["net,read", ["-Sfrob", hello], 2, /unknown -S \/ --wasi option: frob/],
  ["net,read", ["inspect", hello], 0, quiet],
  ["net,read", ["--net=posix", hello], 1, libc],
  ["net,read", ["--wait=blocking", hello], 1, libc],
  ["net,read", ["-Sinherit-env", hello], 1, needs("-Sinherit-env", "env")],
  ["net,read", ["--env", "HOME", hello], 1, needs("--env HOME", "env")],
  ["net,read", ["--env", "HOME=/", hello], 0, quiet],
  ["net,read", ["-Slistenfd", hello], 1, needs("-Slistenfd", "env")],
  ["net,read", ["--trace", "--trace-file", join(scratch, "trace"), hello], 1, needs("--trace-file", "write")],
  ["net,read", ["--dir", ".", hello], 1, needs("--dir", "ffi")],
  ["net,read", ["-Wtimeout=30s", hello], 0, quiet],
  ["net,read,ffi", ["-Wtimeout=30s", hello], 0, quiet],
  ["net,read", ["--watch", hello], 1, needs("--watch", "run")],
  ["net,read", ["--watch=keep-listeners", hello], 1, needs("--watch", "run")],
  ["net,read", ["cache"], 1, needs("the cache", "env")],
  ["net,read,env", ["cache", "clean"], 1, needs("the cache", "sys")],
  ["ffi", [hello], 1, needs('reading ".*hello\\.wasm"', "read")],
  ["ffi", ["inspect", hello], 1, needs('reading ".*hello\\.wasm"', "read")],
  [`ffi,read=${hello}`, ["--config", "x.toml", hello], 1, needs('reading "x\\.toml"', "read")],
  [`ffi,read=${hello}`, ["-Ccache-config=x.toml", hello], 1, needs('reading "x\\.toml"', "read")],
  [`ffi,read=${hello}`, ["--preload", "m=x.wasm", hello], 1, needs('reading "x\\.wasm"', "read")],
  ["read,ffi,env=POLLUX_LOG", [hello], 0, /^pollux: debug: .*exit status 0\n$/s],
];

describe("deno run without -A", { skip }, () => {
  const command = (allowed: string, words: readonly string[]) => [
    join(root, "node_modules/.bin/deno"),
    ...["run", "--no-check", ...allowed.split(",").map((name) => `--allow-${name}`), programOf("deno"), ...words],
  ];
  const environment = (allowed: string) => ({
    ...process.env,
    NO_COLOR: "1",
    DENO_NO_UPDATE_CHECK: "1",
    ...(allowed.includes("POLLUX_LOG") && { POLLUX_LOG: "debug" }),
  });
  for (const [allowed, words, status, says] of cases) {
    const name = `${allowed}: pollux ${words.join(" ")}`.replaceAll(`${root}/tests/guests/`, "");

    it(name, () => {
      const [program = "", ...args] = command(allowed, words);
      const options = { cwd: root, encoding: "utf8", input: "", env: environment(allowed), timeout: 60_000 } as const;
      const ended = spawnSync(program, args, options);
      assert.match(ended.stderr, says);
      assert.equal(ended.status, status);
    });

    it(`${name}, in a terminal`, { skip: noTerminal }, () => {
      // Who is asked says no, so that a question ends.
      const line = ["sh", "-c", 'cd "$0" && exec "$@"', root, ...command(allowed, words)];
      const { ended, shown } = terminal(line, [["Allow?", "n\n"]], environment(allowed));
      assert.doesNotMatch(shown, /Deno requests|Allow\?/);
      assert.equal(ended, `status ${status}`, shown);
    });
  }
});
