import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Failure } from "../../../src/cli/output/failure.ts";
import { Faults } from "../../../src/cli/watch/watched-guest.ts";
import { ParseError } from "../../../src/wasm/errors.ts";

describe("the faults of a watched file", () => {
  it("are told in one line each, and not again while they stay the same", () => {
    const said: string[] = [];
    const faults = new Faults(
      "a.wasm",
      () => undefined,
      (line) => said.push(line),
    );
    const cut = () => new ParseError("unexpected end", 500);
    const missing = new Failure("failed to open wasm module", ["No such file or directory", "further"]);
    for (const failure of [cut(), cut(), missing, cut(), undefined, cut(), new Failure("many\nlines")])
      faults.tell(failure);
    const once =
      "Error: failed to parse WebAssembly module: unexpected end (at offset 0x1f4); waiting for a.wasm to change";
    assert.deepEqual(said, [
      once,
      "Error: failed to open wasm module: No such file or directory: further; waiting for a.wasm to change",
      once,
      once,
      "Error: many; waiting for a.wasm to change",
    ]);
  });
});
