import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { allFlags, flagsFor } from "../../src/adapters/v8-flags.ts";

const MiB = 1 << 20;

describe("V8's flags for a guest", () => {
  for (const [size, level, expected] of [
    [100, undefined, /^--no-liftoff,/],
    [MiB, "1", /^--no-liftoff,/],
    [MiB, "s", /^--no-liftoff,/],
    [MiB, "2", /^--no-liftoff,/],
    [MiB, "0", /^$/],
    [MiB + 1, undefined, /^--wasm-tiering-budget=\d+$/],
    [MiB + 1, "0", /^--wasm-tiering-budget=\d+$/],
    [MiB + 1, "2", /^$/],
  ] as const) {
    it(`${size} bytes, -O opt-level=${level}`, () => {
      const flags = flagsFor(size, level);
      assert.match(flags.join(), expected);
      assert.ok(flags.length === 0 || allFlags.includes(flags));
    });
  }
});
