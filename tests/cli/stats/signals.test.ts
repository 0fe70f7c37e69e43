/** `--stats` of a guest that a signal ends, as most servers end, and `--stats=live`: real processes, real signals, a real terminal. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Guest, guestFile, NETWORK, start } from "../../e2e/host.ts";
import { here, hereWithoutFfi } from "../here.ts";
import { noTerminal, terminal } from "../pty.ts";

const CTRL_C = "\x03";
const echo = [guestFile("tcpecho"), "127.0.0.1:0", "--no-ticks"] as const;

/** How it ends by the signal, and what --stats=json said before. */
async function endedBy(guest: Guest, signal: NodeJS.Signals) {
  guest.kill(signal);
  const outcome = await guest.outcome();
  assert.deepEqual([outcome.status, outcome.signal], [null, signal], outcome.stderr);
  const said: { phases: Record<string, number>; calls: Record<string, number>; waited: number } = JSON.parse(
    outcome.stderr.trimEnd().split("\n").at(-1)!,
  );
  return said;
}

for (const host of [...here, ...hereWithoutFfi]) {
  describe(`--stats at a signal on ${host.name}`, { skip: host.skip }, () => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      it(`${signal}: what a guest that waits has done, and then the signal's end`, async () => {
        const [file, ...args] = echo;
        await using guest = start(host, file, { flags: ["--stats=json", ...NETWORK], args });
        await guest.waitFor(/^listening on/m);
        const { phases, calls } = await endedBy(guest, signal);
        assert.ok(phases["run"]! > 0);
        assert.equal(calls["wasi:sockets/tcp-create-socket"], 1);
      });
    }
  });
}

for (const host of here) {
  describe(`--stats at a signal on ${host.name}`, { skip: host.skip }, () => {
    it("of a guest that computes", async () => {
      await using guest = start(host, guestFile("cpu"), {
        flags: ["--stats=json"],
        env: { POLLUX_LOG: "trace" },
        args: ["40000000000"],
      });
      // What comes before there is a machine ends it at once, with nothing to tell.
      await guest.waitFor(/^pollux: trace: run,/m, "stderr");
      const { phases, waited } = await endedBy(guest, "SIGINT");
      assert.ok(phases["run"]! > 0 && waited === 0);
    });
  });

  describe(`--stats=live on ${host.name}`, { skip: host.skip || noTerminal }, () => {
    it("a line a second on a terminal, and the whole at the end", () => {
      const { ended, shown } = terminal(
        [...host.command, "run", "--stats=live", ...NETWORK, ...echo],
        [["stats: ", CTRL_C]],
      );
      assert.equal(ended, "signal 2", shown);
      assert.match(shown, /^stats: \d+ s: bytes 0 in, \d+ out; polls \d+; waited \d+\.\d s; handles at most \d$/m);
      assert.match(shown, /^total +\d+\.\d{3} ms$/m);
    });

    it("of a server its requests", () => {
      const options = ["serve", "--stats=live", "--addr=127.0.0.1:0"];
      const { ended, shown } = terminal([...host.command, ...options, guestFile("http/serve")], [["stats: ", CTRL_C]]);
      assert.equal(ended, "status 0", shown);
      assert.match(shown, /^stats: \d+ s: 0 requests; 0 connections; bytes /m);
    });

    it("is told at the end alone where there is no terminal", async () => {
      await using guest = start(host, guestFile("hello"), { flags: ["--stats=live"] });
      const { stderr } = await guest.outcome();
      assert.match(stderr, /^start +\d/);
    });
  });
}
