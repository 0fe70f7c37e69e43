/** The command line as it is really used: by cargo, in pipes, under timeout, in the background, ended by signals. */
import assert from "node:assert/strict";
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { before, describe, it } from "node:test";
import { guestFile, type Host, NETWORK, start } from "../../e2e/host.ts";
import { command, here, scratchDirectory, textGuest } from "../here.ts";

const scratch = scratchDirectory();
const places = {
  hello: guestFile("hello"),
  cat: guestFile("cat"),
  exit: guestFile("exit"),
  args: guestFile("args-env"),
};
const big = join(scratch, "big");
let loop: string;

before(async () => {
  loop = await textGuest(scratch, "loop", command("(loop (br 0)) unreachable"));
  writeFileSync(
    big,
    Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * 31 + (i >> 8)) & 255),
  );
  mkdirSync(join(scratch, "a b", "é"), { recursive: true });
  copyFileSync(places.args, join(scratch, "a b", "é", "naïve app.wasm"));
});

/** Runs a script, in which `pollux` is the host's command and `$hello` and the others are guests. */
function sh(host: Host, script: string): SpawnSyncReturns<string> {
  const words = host.command.map((word) => `'${word}'`).join(" ");
  const ended = spawnSync("sh", ["-c", `pollux() { ${words} "$@"; }\n${script}`], {
    cwd: scratch,
    encoding: "utf8",
    timeout: 120_000,
    env: { ...process.env, ...places, loop, big, RUNNER: host.command.join(" "), NO_COLOR: "1" },
  });
  if (ended.error) throw ended.error;
  return ended;
}

/** What it shows, the script, and its output. */
const scripts: readonly (readonly [string, string, string])[] = [
  [
    "a module that comes through a named pipe, five times",
    "mkfifo pipe.wasm; for i in 1 2 3 4 5; do cat $hello > pipe.wasm & pollux run pipe.wasm; wait; done; rm pipe.wasm",
    "hello, world\n".repeat(5),
  ],
  [
    "cargo's runner: its words, an absolute path, the program's arguments",
    "$RUNNER run $args --nocapture 'a b'",
    "arg args-env.wasm\narg --nocapture\narg a b\n",
  ],
  ["cargo's runner: the guest's status", "$RUNNER run -Sinherit-network $exit code 7; echo $?", "7\n"],
  ["a pipe on both sides", "printf 'a\\nb' | pollux $cat | tr a-z A-Z", "A\nB"],
  ["under timeout, in time", `timeout 100 $RUNNER $hello; echo $?`, "hello, world\n0\n"],
  ["under timeout, late", `timeout 1 $RUNNER "$loop"; echo $?`, "124\n"],
  ["under timeout, late, by SIGINT", `timeout -s INT 1 $RUNNER "$loop"; echo $?`, "124\n"],
  ["in the background, its output in a file", "pollux $hello > out & wait $!; echo $?; cat out", "0\nhello, world\n"],
  [
    "from another directory, by a path with spaces and other letters",
    `cd 'a b' && pollux 'é/naïve app.wasm' x`,
    "arg naïve app.wasm\narg x\n",
  ],
  ["stdin closed", "pollux $cat <&-; echo $?", "0\n"],
  ["stdin a directory", "pollux $cat < .; echo $?", "1\n"],
  ["stdin a file", "printf hello > in; pollux $cat < in", "hello"],
  ["stdin /dev/null", "pollux $cat < /dev/null; echo $?", "0\n"],
  ["3 MB from a file through a pipe, none lost", `pollux $cat < "$big" | cmp - "$big"; echo $?`, "0\n"],
  ["3 MB through pipes, none lost", `cat "$big" | pollux $cat | cat | cmp - "$big"; echo $?`, "0\n"],
  ["3 MB to a file", `pollux $cat < "$big" > copy; cmp copy "$big"; echo $?`, "0\n"],
  [
    "a reader that goes away: EPIPE is an error of the guest's, not a signal",
    "{ pollux $cat < /dev/zero; echo $? > status; } | head -c 3 | tr '\\0' x; cat status",
    "xxx1\n",
  ],
  ["stdout closed", "pollux $hello >&-; echo $?", "0\n"],
  ["stdout full", "pollux $hello > /dev/full; echo $?", "1\n"],
];

for (const host of here) {
  describe(`real use on ${host.name}`, { skip: host.skip }, () => {
    for (const [what, script, output] of scripts) {
      it(what, { skip: script.includes("/dev/full") && process.platform !== "linux" ? "no /dev/full" : false }, () => {
        assert.equal(sh(host, script).stdout, output);
      });
    }

    for (const signal of ["SIGINT", "SIGTERM", "SIGKILL"] as const) {
      it(`${signal} ends a guest that waits for stdin, with the signal as its status`, async () => {
        await using guest = start(host, places.cat);
        guest.send("ready\n");
        await guest.waitFor(/ready\n/);
        guest.kill(signal);
        const ended = await guest.outcome();
        assert.deepEqual([ended.status, ended.signal, ended.stderr], [null, signal, ""]);
      });

      it(`${signal} ends a guest that waits for connections`, async () => {
        await using guest = start(host, guestFile("tcpecho"), { flags: NETWORK, args: ["127.0.0.1:0", "--no-ticks"] });
        await guest.waitFor(/listening/);
        guest.kill(signal);
        const ended = await guest.outcome();
        assert.deepEqual([ended.status, ended.signal, ended.stderr], [null, signal, ""]);
      });
    }

    it("SIGPIPE is ignored, as by wasmtime", async () => {
      await using guest = start(host, places.cat);
      guest.send("one\n");
      await guest.waitFor(/one\n/);
      // Not by guest.kill: Deno's child_process gives a child up that it has sent any signal.
      assert.equal(spawnSync("kill", ["-PIPE", String(guest.pid)]).status, 0);
      guest.input("two\n");
      const { status, stdout } = await guest.outcome();
      assert.deepEqual({ status, stdout: stdout.toString() }, { status: 0, stdout: "one\ntwo\n" });
    });
  });
}
