/** `run --watch`: its option. What it does: tests/e2e/watch-suite.ts. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { commandNames } from "../../src/cli/options/commands.ts";
import { scan } from "../../src/cli/scan.ts";
import { settings } from "../../src/cli/settings.ts";

describe("--watch", () => {
  const lines: readonly (readonly [string, string | undefined | RegExp])[] = [
    ["a.wasm", undefined],
    ["--watch a.wasm", "restart"],
    ["run --watch=restart a.wasm", "restart"],
    ["--watch=keep-listeners a.wasm", "keep-listeners"],
    ["a.wasm --watch", undefined],
    ["--watch=twice a.wasm", /^invalid value 'twice' for '--watch\[=<HOW>\]': expected restart or keep-listeners/],
  ];
  for (const [line, expected] of lines) {
    it(line, () => {
      const { options, rest } = scan(line.split(" "), commandNames);
      assert.equal(rest[0], "a.wasm");
      if (expected instanceof RegExp) return assert.throws(() => settings(options), { message: expected });
      const given = settings(options);
      assert.ok("watch" in given);
      assert.equal(given.watch, expected);
    });
  }
});
