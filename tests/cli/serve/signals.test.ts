import assert from "node:assert/strict";
import { once } from "node:events";
import process from "node:process";
import { describe, it } from "node:test";
import { ServerSignals } from "../../../src/cli/serve/signals.ts";

async function raise(signal: NodeJS.Signals): Promise<void> {
  const came = once(process, signal);
  process.kill(process.pid, signal);
  await came;
}

describe("the signals of a server", () => {
  for (const [signal, status] of [
    ["SIGINT", 0],
    ["SIGTERM", 143],
  ] as const) {
    it(`${signal} lets it finish, and a second one does not; it exits with ${status}`, async () => {
      using signals = new ServerSignals();
      const asked = () => [signals.shutdown.aborted, signals.abort.aborted, signals.status];
      assert.deepEqual(asked(), [false, false, 0]);
      await raise(signal);
      assert.deepEqual(asked(), [true, false, status]);
      await raise("SIGINT");
      assert.deepEqual(asked(), [true, true, status]);
    });
  }

  it("are the process's own again afterwards", () => {
    const before = process.listenerCount("SIGINT");
    new ServerSignals()[Symbol.dispose]();
    assert.equal(process.listenerCount("SIGINT"), before);
  });
});
