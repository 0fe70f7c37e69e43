import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { UsageError } from "../../../src/cli/output/usage-error.ts";
import { checkChoice, chooseMachine } from "../../../src/cli/run/machine.ts";
import { createMachine, createSuspendingMachine } from "../../../src/library/machine.ts";
import { allNeeds, type Machines } from "../../../src/machine/machines.ts";
import { UnsupportedRuntime } from "../../../src/machine/unsupported-runtime.ts";

function lacking(): never {
  throw new UnsupportedRuntime("no FFI here");
}

/** A runtime with everything, and one without FFI. */
const blocking = await createMachine();
const posix = await createSuspendingMachine();
const evented = await createSuspendingMachine();
const whole: Machines = {
  blocking: async () => blocking,
  suspending: { posix: async () => posix, evented: async () => evented },
};
const withoutFfi: Machines = { blocking: lacking, suspending: { ...whole.suspending, posix: async () => lacking() } };

const use = { size: 0, threads: false, needs: allNeeds };

const cases = [
  [{ net: undefined, wait: undefined }, "blocking", blocking, evented],
  [{ net: "posix", wait: undefined }, "blocking", blocking, undefined],
  [{ net: undefined, wait: "blocking" }, "blocking", blocking, undefined],
  [{ net: undefined, wait: "suspending" }, "suspending", posix, evented],
  [{ net: "posix", wait: "suspending" }, "suspending", posix, undefined],
  [{ net: "evented", wait: undefined }, "suspending", evented, evented],
  [{ net: "evented", wait: "suspending" }, "suspending", evented, evented],
] as const;

describe("--net and --wait", () => {
  for (const [choice, wait, machine, fallback] of cases) {
    it(JSON.stringify(choice), async () => {
      assert.deepEqual(await chooseMachine({ ...choice, dirs: [] }, whole, use), { wait, machine });
      const without = chooseMachine({ ...choice, dirs: [] }, withoutFfi, use);
      if (fallback === undefined) await assert.rejects(without, UnsupportedRuntime);
      else assert.deepEqual(await without, { wait: "suspending", machine: fallback });
    });
  }

  it("evented + blocking is a usage error", () => {
    assert.throws(() => checkChoice({ net: "evented", wait: "blocking", dirs: [] }), UsageError);
    for (const [choice] of cases) checkChoice({ ...choice, dirs: [] });
  });

  it("directories are posix's alone", async () => {
    const dirs = [{ host: ".", guest: "." }];
    assert.throws(() => checkChoice({ net: "evented", wait: undefined, dirs }), /^Failure: --dir needs --net=posix/);
    const choice = { net: undefined, wait: undefined, dirs };
    checkChoice(choice);
    assert.equal((await chooseMachine(choice, whole, use)).machine, blocking);
    await assert.rejects(chooseMachine(choice, withoutFfi, use), UnsupportedRuntime);
  });
});
