/** What `pollux serve` refuses before it listens, in wasmtime's words and in its order. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { binary } from "../../component/text.ts";
import { guestFile } from "../../e2e/host.ts";
import { here } from "../here.ts";

const scratch = mkdtempSync(join(tmpdir(), "pollux-serve-"));
after(() => rmSync(scratch, { recursive: true }));
const file = async (name: string, text: string) => writeFileSync(join(scratch, name), await binary(text));
await file("module.wasm", "(module)");
await file("none.wasm", "(component)");
const server = guestFile("http/server");

const NO_HANDLER = "no exported instance named `wasi:http/incoming-handler@0.2.12`";
const NO_CONCURRENCY = "concurrent host functions require `Config::concurrency_support`";

const cases: readonly (readonly [words: string, message: string, cause?: string | undefined, hint?: string])[] = [
  ["missing.wasm", 'failed to open wasm module "missing.wasm"', "No such file or directory (os error 2)"],
  ["-Shttp=n missing.wasm", "wasi-http is required for the serve command, and must not be disabled"],
  ["-Wcomponent-model=n missing.wasm", "components are required for the serve command, and must not be disabled"],
  ["-Sthreads missing.wasm", "wasi-threads does not support components yet"],
  ["missing.wasm -Sthreads,http=n", "wasi-threads does not support components yet"],
  ["-Scli,common missing.wasm", "The -Scommon option should not be use with -Scli as it is a deprecated alias"],
  ["-Wconcurrency-support=n none.wasm", NO_CONCURRENCY],
  ["-Wconcurrency-support=n -Scli none.wasm", "failed to link `wasi:cli@0.3.x`", NO_CONCURRENCY],
  ["-Stcplisten=127.0.0.1:0 none.wasm", "components do not support --tcplisten"],
  ["-Snn none.wasm", "-S nn is not supported yet"],
  ["--listenfd none.wasm", "--listenfd: the service manager handed in no sockets (LISTEN_FDS)"],
  ["-Slistenfd none.wasm", "--listenfd: the service manager handed in no sockets (LISTEN_FDS)"],
  ["-H x module.wasm", "The serve command currently requires a component"],
  ["-H x none.wasm", "header `x` is missing `:`"],
  ["none.wasm --addr 127.0.0.1:0", NO_HANDLER],
  [
    guestFile("hello"),
    NO_HANDLER,
    undefined,
    "a component that exports wasi:cli/run@0.2.12 is a command: run it with `pollux run`",
  ],
  [`${server} -Wmax-wasm-stack=0`, "max_wasm_stack size cannot be zero"],
];

for (const host of here) {
  describe(`pollux serve on ${host.name}`, { skip: host.skip }, () => {
    for (const [words, message, cause, hint] of cases) {
      it(`${words.replaceAll(/\S*\//g, "")}: ${message}`, () => {
        const [program = "", ...args] = host.command;
        const { LISTEN_FDS: _, ...env } = process.env;
        const given = [...args, "serve", ...words.split(" ")];
        const { status, stdout, stderr } = spawnSync(program, given, { cwd: scratch, encoding: "utf8", env });
        const chain = cause === undefined ? "" : `\nCaused by:\n    ${cause}\n\n`;
        const text = `Error: ${message}\n${chain}${hint === undefined ? "" : `hint: ${hint}\n`}`;
        assert.deepEqual({ status, stdout, stderr }, { status: 1, stdout: "", stderr: text });
      });
    }
  });
}
