/** In a process of its own: `deno test` takes SIGINT for itself. */
import assert from "node:assert/strict";
import process from "node:process";
import { describe, it } from "node:test";
import { ServerSignals } from "../../../src/cli/serve/signals.ts";
import { command, run } from "../../adapters/programs.ts";

describe("the signals of a server", () => {
  const cases = [
    ["SIGINT", "SIGINT", 0],
    ["SIGINT", "SIGTERM", 0],
    ["SIGTERM", "SIGINT", 143],
  ] as const;
  for (const [first, second, status] of cases) {
    it(`${first} lets it finish, ${second} after it does not; it exits with ${status}`, async () => {
      const ended = await run(command("server-signals.ts"), { env: { ...process.env, NO_COLOR: "1" } }, (child) => {
        // Deno's `child.kill` sends no second signal.
        const kill = (signal: NodeJS.Signals) => child.pid !== undefined && process.kill(child.pid, signal);
        child.stdout?.on("data", (data: Uint8Array) => {
          const said = new TextDecoder().decode(data);
          if (said.startsWith("up")) kill(first);
          if (said.startsWith("shutdown")) kill(second);
        });
      });
      assert.equal(new TextDecoder().decode(ended.stdout), `up 0\nshutdown ${status}\nabort ${status}\n`);
      assert.deepEqual([ended.status, ended.signal, ended.stderr], [status, null, ""]);
    });
  }

  it("one that is supervised is told by SIGTERM and SIGUSR2, and by what a terminal sends of nothing", async () => {
    const supervised = [...command("server-signals.ts"), "supervised"];
    const ended = await run(supervised, { env: { ...process.env, NO_COLOR: "1" } }, (child) => {
      const kill = (...signals: readonly NodeJS.Signals[]) => {
        for (const signal of signals) if (child.pid !== undefined) process.kill(child.pid, signal);
      };
      child.stdout?.on("data", (data: Uint8Array) => {
        const said = new TextDecoder().decode(data);
        if (said.startsWith("up")) kill("SIGINT", "SIGHUP", "SIGUSR2");
        if (said.startsWith("hand-over")) kill("SIGTERM");
        if (said.startsWith("shutdown")) kill("SIGTERM");
      });
    });
    assert.equal(new TextDecoder().decode(ended.stdout), "up 0\nhand-over 0\nshutdown 143\nabort 143\n");
    assert.deepEqual([ended.status, ended.signal, ended.stderr], [143, null, ""]);
  });

  it("are the process's own again afterwards", () => {
    const before = process.listenerCount("SIGINT");
    new ServerSignals()[Symbol.dispose]();
    assert.equal(process.listenerCount("SIGINT"), before);
  });
});
