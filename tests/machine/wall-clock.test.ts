import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createMachine } from "../adapters/runtime.ts";

const { wallClock } = await createMachine();

describe("the wall clock", () => {
  it("is the language's, to the ns", () => {
    const before = BigInt(Date.now()) * 1_000_000n;
    const readings = Array.from({ length: 100 }, () => wallClock.now());
    const after = BigInt(Date.now() + 1) * 1_000_000n;
    assert.ok(readings.every((now) => before <= now && now <= after));
    assert.ok(readings.some((now) => now % 1_000_000n !== 0n));
    assert.equal(wallClock.resolution, 1);
  });
});
