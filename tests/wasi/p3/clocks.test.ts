import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Condition } from "../../../src/core/wait/condition.ts";
import type { Blocking } from "../../../src/core/wait/poll.ts";
import { basicImports as p2Imports } from "../../../src/wasi/p2/imports.ts";
import { instant } from "../../../src/wasi/p3/clocks/system-clock.ts";
import { basicImports } from "../../../src/wasi/p3/imports.ts";
import { p2 } from "../../../src/wasi/versions.ts";
import { callOf, eachSetting, hostOf, settled, together } from "./host.ts";

const CLOCK = "wasi:clocks/monotonic-clock";

await eachSetting((setting) => {
  const host = hostOf(setting);
  const call = callOf(basicImports(host));
  const now = () => call(CLOCK, "now") as bigint;

  describe(`the clocks of 0.3 on ${setting.name}`, () => {
    it("marks count up from the guest's start, as the clock of 0.2 does", () => {
      const both = p2Imports(host)[p2(CLOCK)] as Readonly<Record<string, () => bigint>>;
      const times = [now(), both["now"]!(), now(), both["now"]!()];
      assert.deepEqual(
        [...times].sort((a, b) => Number(a - b)),
        times,
      );
      assert.ok(times[0]! >= 0n && times[0]! < 60_000_000_000n);
      assert.equal(call(CLOCK, "get-resolution"), 1n);
    });

    it("wait-for waits as long as it says, never less", async () => {
      for (const ns of [1n, 1_000n, 3_000_000n]) {
        const before = now();
        await settled(setting, call(CLOCK, "wait-for", ns));
        assert.ok(now() - before >= ns);
      }
    });

    it("wait-until waits until the mark", async () => {
      const mark = now() + 3_000_000n;
      await settled(setting, call(CLOCK, "wait-until", mark));
      assert.ok(now() >= mark);
    });

    it("what has passed is not waited for: no subtask is made of it", () => {
      assert.equal(call(CLOCK, "wait-for", 0n), undefined);
      assert.equal(call(CLOCK, "wait-until", 0n), undefined);
      assert.equal(call(CLOCK, "wait-until", now()), undefined);
    });

    it("many wait at once, each for its own time", async () => {
      function* timed(ns: bigint): Blocking<bigint> {
        const before = now();
        yield* call(CLOCK, "wait-for", ns) as Blocking<void>;
        return now() - before;
      }
      const asked = [3_000_000n, 1_000_000n, 2_000_000n];
      const took = await together(setting, ...asked.map(timed));
      assert.ok(took.every((ns, i) => ns >= asked[i]!));
    });

    it("any u64 is a time: one beyond reckoning never comes", () => {
      const anyTime = fc.bigInt({ min: 2n ** 50n, max: 2n ** 64n - 1n });
      fc.assert(
        fc.property(anyTime, fc.constantFrom("wait-for", "wait-until"), (ns, item) => {
          const waiting = call(CLOCK, item, ns) as Blocking<void>;
          const step = waiting.next();
          assert.ok(step.done !== true && step.value instanceof Condition);
          assert.equal(setting.poll.look(step.value), false);
          assert.equal(step.value.deadline > setting.machine.now(), true);
          assert.equal(waiting.return().done, true);
        }),
      );
    });

    it("system-clock is Unix time", () => {
      const { seconds, nanoseconds } = call("wasi:clocks/system-clock", "now") as ReturnType<typeof instant>;
      assert.ok(Math.abs(Number(seconds) - Date.now() / 1000) < 60);
      assert.ok(nanoseconds >= 0 && nanoseconds < 1e9);
      const resolution = call("wasi:clocks/system-clock", "get-resolution");
      assert.ok(typeof resolution === "bigint" && resolution >= 1n && resolution <= 1_000_000_000n);
    });
  });
});

describe("system-clock.instant", () => {
  const table: readonly (readonly [bigint, bigint, number])[] = [
    [0n, 0n, 0],
    [1n, 0n, 1],
    [1_500_000_000n, 1n, 500_000_000],
    [-1n, -1n, 999_999_999],
    [-1_000_000_000n, -1n, 0],
    [-1_000_000_001n, -2n, 999_999_999],
  ];
  for (const [ns, seconds, nanoseconds] of table)
    it(`${ns} ns is ${seconds} s and ${nanoseconds} ns`, () => assert.deepEqual(instant(ns), { seconds, nanoseconds }));

  it("is the time that it was made from, before 1970 and after", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }), (ns) => {
        const { seconds, nanoseconds } = instant(ns);
        assert.ok(nanoseconds >= 0 && nanoseconds < 1e9);
        assert.equal(seconds * 1_000_000_000n + BigInt(nanoseconds), ns);
      }),
    );
  });
});
