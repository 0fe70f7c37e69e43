import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createSuspendingMachine } from "../../src/library/machine.ts";

describe("CPU time", () => {
  for (const net of ["posix", "evented"] as const) {
    it(`goes on while the process computes, in ns (${net})`, async () => {
      const machine = await createSuspendingMachine(net);
      const { cpuTime } = machine;
      assert.ok(cpuTime !== undefined);
      const [first, start] = [cpuTime(), machine.now()];
      while (cpuTime() - first < 20e6) Math.sqrt(2);
      // of other threads, too, but there are not so many
      assert.ok(machine.now() - start > 20e6 / 64);
      machine.selector.close();
    });
  }
});
