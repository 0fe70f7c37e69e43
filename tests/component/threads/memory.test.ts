/** What calls into guests with threads leave behind when they are over: nothing. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { StackEntry } from "../../../src/component/async/call-stack.ts";
import { SyncCall } from "../../../src/component/async/sync-call.ts";
import { call, i32, lift, log, start } from "../async/guest.ts";
import { make, switchTo, threaded, yields } from "./guest.ts";

interface Runtime {
  readonly Bun?: { gc(force: boolean): void };
}

function collector(): () => void {
  const { Bun } = globalThis as Runtime;
  if (Bun !== undefined) return () => Bun.gc(true);
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}

it("a call whose thread runs on after it, and is the last to run, is gone when both are over", async () => {
  const text = threaded([""], {
    code: `(func (export "run") (global.set $n ${make(0)}) ${log(i32(1))}) (func (export "flush") ${yields})
      (func (export "end") ${call("return", 5)} ${switchTo("yield-then-resume", "(global.get $n)")})`,
    exports: `${lift("run", "")} ${lift("flush", "async")} ${lift("end", "async (result u32)", "async")}`,
  });
  const calls: WeakRef<StackEntry>[] = [];
  let current = (): StackEntry | undefined => undefined;
  const { exports, scheduler } = await start("suspending", text, {
    log: () => {
      const running = current();
      assert.ok(running instanceof SyncCall);
      calls.push(new WeakRef(running));
    },
  });
  current = () => scheduler?.current;
  const count = 100;
  for (let i = 0; i < count; i++) for (const name of ["run", "flush", "end"]) await exports[name]!();
  const collect = collector();
  for (let i = 0; i < 3; i++) {
    await setTimeout(1);
    collect();
  }
  assert.equal(calls.length, count);
  const kept = calls.filter((each) => each.deref() !== undefined).length;
  assert.ok(kept <= 10, `${kept} of ${count} are kept`);
});
