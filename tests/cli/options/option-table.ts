import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { settings } from "../../../src/cli/options/read-settings.ts";
import { scan } from "../../../src/cli/options/scan.ts";

/** What command lines, each with the file `a.wasm`, make of one option of `run`: its setting, or the error. */
export function describeOption(
  option: "stats" | "watch",
  lines: readonly (readonly [string, string | undefined | RegExp])[],
): void {
  describe(`--${option}`, () => {
    for (const [line, expected] of lines) {
      it(line, () => {
        const { options, rest } = scan(line.split(" "));
        assert.equal(rest[0], "a.wasm");
        if (expected instanceof RegExp) return assert.throws(() => settings(options), { message: expected });
        const given = settings(options);
        assert.ok("watch" in given);
        assert.equal(given[option], expected);
      });
    }
  });
}
