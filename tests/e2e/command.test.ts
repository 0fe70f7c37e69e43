/** Commands that use no network: stdio, arguments, environment, every way to end, engine traps. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { assertError } from "./check.ts";
import { guestFile, hosts, run, type StartOptions } from "./host.ts";

/** The arguments of tests/guests/exit.c and the status that follows. */
const exits: readonly (readonly [readonly string[], number])[] = [
  [[], 0],
  [["ok"], 0],
  [["err"], 1],
  [["return-err"], 1],
  [["code", "0"], 0],
  [["code", "7"], 7],
  [["code", "126"], 126],
  [["code", "255"], 255],
];

/** The argument of tests/guests/trap.c and the last cause. */
const traps: Readonly<Record<string, string>> = {
  unreachable: "wasm trap: wasm `unreachable` instruction executed",
  load: "wasm trap: out of bounds memory access",
  stack: "wasm trap: call stack exhausted",
  divide: "wasm trap: integer divide by zero",
};

const started: readonly (readonly [string, StartOptions, string])[] = [
  ["argv[0] is the file's name, without its folders", {}, "arg args-env.wasm\n"],
  [
    "everything after the file is the guest's",
    { args: ["-Stcp", "--env", "A=1", "", "--", "-h", "ünï", "007"] },
    "arg args-env.wasm\narg -Stcp\narg --env\narg A=1\narg \narg --\narg -h\narg ünï\narg 007\n",
  ],
  ["--argv0", { flags: ["--argv0", "other"], args: ["x"] }, "arg other\narg x\n"],
  [
    "--env sets and inherits, in order, unset names left out",
    { flags: ["--env", "B=2", "--env", "POLLUX_A", "--env", "POLLUX_UNSET", "--env", "B=3=4"], env: { POLLUX_A: "1" } },
    "arg args-env.wasm\nenv B=2\nenv POLLUX_A=1\nenv B=3=4\n",
  ],
  ["-Scwd", { flags: ["-Scwd=/some/where"] }, "arg args-env.wasm\ncwd /some/where\n"],
];

for (const host of hosts) {
  describe(`commands on ${host.name}`, { skip: host.skip }, () => {
    for (const name of ["hello", "hello-libc"]) {
      it(`${name} prints its line`, async () => {
        const { status, stdout, stderr } = await run(host, guestFile(name));
        assert.deepEqual([stdout.toString(), stderr, status], ["hello, world\n", "", 0]);
      });
    }

    for (const [args, expected] of exits) {
      it(`exit ${args.join(" ")}: status ${expected}`, async () => {
        const { status, stdout, stderr } = await run(host, guestFile("exit"), { args });
        assert.deepEqual([stdout.toString(), stderr, status], ["", "", expected]);
      });
    }

    for (const [name, options, expected] of started) {
      it(name, async () => {
        const { status, stdout, stderr } = await run(host, guestFile("args-env"), options);
        assert.deepEqual([stdout.toString(), stderr, status], [expected, "", 0]);
      });
    }

    it("-Sinherit-env gives the whole environment", async () => {
      const { stdout } = await run(host, guestFile("args-env"), { flags: ["-Sinherit-env"], env: { POLLUX_A: "a b" } });
      const variables = stdout.toString().split("\n");
      assert.ok(variables.includes("env POLLUX_A=a b"));
      assert.ok(variables.includes(`env PATH=${process.env["PATH"]}`));
    });

    for (const [name, input] of [
      ["nothing", ""],
      ["a line", "one line\n"],
      ["300 KB of every byte", Uint8Array.from({ length: 300_000 }, (_, i) => i * 7 + (i >> 8))],
    ] as const) {
      it(`cat copies ${name}`, async () => {
        const { status, stdout, stderr } = await run(host, guestFile("cat"), { input });
        assert.ok(stdout.equals(Buffer.from(input)), `${stdout.length} bytes`);
        assert.deepEqual([stderr, status], ["", 0]);
      });
    }

    it("-Sinherit-stderr=n swallows what the guest says there, and nothing of Pollux's", async () => {
      const heard = await run(host, guestFile("trap"));
      assert.deepEqual([heard.status, heard.stderr], [1, "usage: trap unreachable | load | stack | divide\n"]);
      const silent = await run(host, guestFile("trap"), { flags: ["-Sinherit-stderr=n"] });
      assert.deepEqual([silent.status, silent.stderr], [1, ""]);
      const trapped = await run(host, guestFile("trap"), { flags: ["-Sinherit-stderr=n"], args: ["unreachable"] });
      assert.match(trapped.stderr, /^Error: failed to run main module/);
    });

    it("-Sinherit-stdin=n is an input that has ended, -Sinherit-stdout=n swallows", async () => {
      const closed = await run(host, guestFile("cat"), { flags: ["-Sinherit-stdin=n"], input: "unseen" });
      assert.deepEqual([closed.stdout.toString(), closed.status], ["", 0]);
      const silent = await run(host, guestFile("hello"), { flags: ["-Sinherit-stdout=n"] });
      assert.deepEqual([silent.stdout.toString(), silent.stderr, silent.status], ["", "", 0]);
    });

    for (const [name, message] of Object.entries(traps)) {
      it(`a trap, ${name}: status 134`, async () => {
        const outcome = await run(host, guestFile("trap"), { args: [name] });
        assertError(outcome, 134, message);
        assert.match(
          outcome.stderr,
          /^Error: failed to run main module `.*trap\.wasm`\n\nCaused by:\n {4}0: failed to invoke `run` function\n/,
        );
      });
    }
  });
}
