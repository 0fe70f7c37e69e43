/** In a pseudo-terminal (python3's pty): what the guest is told of it, Ctrl-C wherever the guest is, and what is in colour. */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { guestFile, NETWORK } from "../e2e/host.ts";
import { here, scratchDirectory, textGuest } from "./here.ts";
import { type Steps, noTerminal as skip, terminal } from "./pty.ts";

const scratch = scratchDirectory();
const CTRL_C = "\x03";

let loop: string;
before(async () => {
  // Says that it runs before it loops: what is waited for must have been shown.
  loop = await textGuest(
    scratch,
    "loop",
    `(module (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 1) (data (i32.const 0) "\\08\\00\\00\\00\\06\\00\\00\\00ready\\n")
      (func (export "_start") (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32))) (loop (br 0))))`,
  );
});

for (const host of here) {
  describe(`a terminal on ${host.name}`, { skip: host.skip || skip }, () => {
    /** What the guest is at, how it is run, and what it shows before Ctrl-C is typed. */
    const waits: readonly (readonly [string, () => readonly string[], string])[] = [
      ["a poll", () => [...NETWORK, guestFile("tcpecho"), "127.0.0.1:0", "--no-ticks"], "listening on"],
      ["a busy loop", () => [loop], "ready"],
    ];
    for (const [what, args, seen] of waits) {
      it(`Ctrl-C ends a guest in ${what}`, () => {
        const { ended, shown } = terminal([...host.command, "run", ...args()], [[seen, CTRL_C]]);
        assert.equal(ended, "signal 2", shown);
        assert.doesNotMatch(shown, /Error|error:/);
      });
    }

    it("Ctrl-C ends a guest in a blocking read of stdin", () => {
      // The terminal shows what is typed, and cat shows it again: then it reads on.
      const steps: Steps = [
        ["", "line\n"],
        ["line\r\nline\r\n", CTRL_C],
      ];
      const { ended, shown } = terminal([...host.command, "run", guestFile("cat")], steps);
      assert.equal(ended, "signal 2", shown);
    });

    it("Ctrl-D is the end of stdin", () => {
      const { ended, shown } = terminal([...host.command, "run", guestFile("cat")], [["", "typed\n\x04"]]);
      assert.equal(ended, "status 0", shown);
      assert.match(shown, /typed\n(?:\^D\s*)?typed\n/);
    });

    for (const columns of [60, 110]) {
      for (const words of [[], ["run", "--help"], ["-Shelp"]]) {
        it(`${words.join(" ") || "an overview"} fits ${columns} columns`, () => {
          const script = `stty cols ${columns} && exec "$@"`;
          const { ended, shown } = terminal(["sh", "-c", script, "sh", ...host.command, ...words], []);
          assert.equal(ended, "status 0", shown);
          const widest = Math.max(...shown.split("\n").map(({ length }) => length));
          assert.ok(widest <= columns && widest > columns - 12, `${widest}\n${shown}`);
        });
      }
    }

    const colours: readonly (readonly [readonly string[], boolean])[] = [
      [["NO_COLOR="], true],
      [["COLORTERM=truecolor"], true],
      [["NO_COLOR=1"], false],
      [["TERM=dumb"], false],
      [["CLICOLOR=0"], false],
    ];
    for (const [changes, coloured] of colours) {
      it(`env ${changes.join(" ")}: what Pollux says has ${coloured ? "its labels" : "nothing"} in colour`, () => {
        const clean = ["env", "-u", "NO_COLOR", "TERM=xterm", ...changes];
        const red = coloured ? ["\x1b[1;31m", "\x1b[0m"] : ["", ""];
        const missing = terminal([...clean, ...host.command, "run", "-v", "no-such.wasm"], []);
        assert.equal(missing.ended, "status 1");
        assert.ok(missing.shown.includes(`${red[0]}Error:${red[1]} failed to open wasm module "no-such.wasm"\n`));
        const usage = terminal([...clean, ...host.command, "run", "--frob"], []);
        assert.equal(usage.ended, "status 2");
        assert.ok(usage.shown.includes(`${red[0]}error:${red[1]} unexpected argument '--frob' found\n`));
        const logged = terminal([...clean, ...host.command, "run", "-v", guestFile("hello")], []);
        assert.equal(logged.shown.includes("\x1b[36mpollux: debug:\x1b[0m "), coloured);
        assert.equal((missing.shown + usage.shown + logged.shown).includes("\x1b"), coloured);
      });
    }
  });
}
