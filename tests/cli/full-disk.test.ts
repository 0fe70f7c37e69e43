/** Where nothing can be written any more: a sentence, if there is a place for one, and the exit status that is due. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { guestFile } from "../e2e/host.ts";
import { here, scratchDirectory, textGuest } from "./here.ts";

const FULL = "/dev/full";
const skip = existsSync(FULL) ? false : `no ${FULL}`;
const hello = guestFile("hello");
const scratch = scratchDirectory();

let add = "";
let loop = "";
let full = -1;
before(async () => {
  add = await textGuest(scratch, "add", '(module (func (export "one") (result i32) (i32.const 1)))');
  loop = await textGuest(scratch, "loop", '(module (func (export "_start") (loop (br 0))))');
  if (!skip) full = openSync(FULL, "w");
});
after(() => {
  if (!skip) closeSync(full);
});

const WHY = "No space left on device \\(os error 28\\)";

for (const host of here) {
  describe(`a full disk on ${host.name}`, { skip: host.skip || skip }, () => {
    const pollux = (args: readonly string[], stdout: "pipe" | number, stderr: "pipe" | number) => {
      const [program = "", ...first] = host.command;
      const ended = spawnSync(program, [...first, ...args], {
        stdio: ["ignore", stdout, stderr],
        encoding: "utf8",
        timeout: 60_000,
      });
      if (ended.error) throw ended.error;
      return ended;
    };

    const outputs: readonly (readonly [string, () => readonly string[]])[] = [
      ["--help", () => ["--help"]],
      ["--version", () => ["--version"]],
      ["run --help", () => ["run", "--help"]],
      ["-Shelp", () => ["run", "-Shelp"]],
      ["completion bash", () => ["completion", "bash"]],
      ["inspect", () => ["inspect", hello]],
      ["--invoke", () => ["run", "--invoke", "one", add]],
    ];
    for (const [what, args] of outputs) {
      it(`${what} on a full stdout`, () => {
        const { status, stderr } = pollux(args(), full, "pipe");
        const said = stderr.replace(/^warning: .*\n/gm, "");
        assert.match(
          said,
          new RegExp(`^Error: failed to write to standard output\\n\\nCaused by:\\n {4}${WHY}\\n\\n$`),
        );
        assert.equal(status, 1);
      });
    }

    const errors: readonly (readonly [string, () => readonly string[], number])[] = [
      ["--stats", () => ["run", "--stats", hello], 0],
      ["-v", () => ["run", "-v", hello], 0],
      ["--trace", () => ["run", "--trace", hello], 0],
      ["an error of usage", () => ["run", "--frob"], 2],
      ["a file that is not there", () => ["run", "no-such.wasm"], 1],
      ["a trap", () => ["run", guestFile("trap"), "unreachable"], 134],
      ["-Wtimeout", () => ["run", "-Wtimeout=1ms", loop], 134],
    ];
    for (const [what, args, expected] of errors) {
      it(`${what} on a full stderr`, () => {
        const { status } = pollux(args(), "pipe", full);
        assert.equal(status, expected);
      });
    }

    it("--trace-file is said to end, once, and the guest goes on", () => {
      const { status, stdout, stderr } = pollux(["run", "--trace-file", FULL, hello], "pipe", "pipe");
      assert.match(stderr, new RegExp(`^pollux: --trace-file: the trace ends here: ${WHY}\\n$`));
      assert.equal(stdout, "hello, world\n");
      assert.equal(status, 0);
    });
  });
}
