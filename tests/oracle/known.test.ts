/** A difference is known when all of it is: a second one beside it is not masked. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { known, reasons } from "./known.ts";

const well = { status: 0, stdout: "checks\n", stderr: "" };
const line = "behaviour/poll.c:62: poll_first(4): 6, expected 2\n";
const failed = (stderr: string, stdout = "checks\n") => ({ status: 1, stdout, stderr });
const trap = `Error: failed to run main module \`udp/connected.wasm\`

Caused by:
    0: failed to invoke \`run\` function
    1: error while executing at wasm backtrace:
    2: \`connect\` needs exclusive access

`;

describe("a known difference", () => {
  const cases: readonly (readonly [what: string, ...of: Parameters<typeof reasons>, count: number | undefined])[] = [
    ["a line", "behaviour/poll", failed(line), well, 1],
    ["the same line twice", "behaviour/poll", failed(line + line), well, 1],
    ["a trap, before which less was printed", "udp/connected", failed(trap, ""), well, 1],
    ["another line beside it", "behaviour/poll", failed(`${line}behaviour/poll.c:99: other\n`), well, undefined],
    ["another line before it", "behaviour/poll", failed(`behaviour/poll.c:9: other\n${line}`), well, undefined],
    ["of another row", "behaviour/clocks", failed(line), well, undefined],
    ["another status", "behaviour/poll", { ...failed(line), status: 134 }, well, undefined],
    ["Pollux failing too", "behaviour/poll", failed(line), failed(line.replace("6", "7")), undefined],
    ["another output", "behaviour/poll", failed(line, "other\n"), well, undefined],
  ];
  for (const [what, row, expected, seen, count] of cases) {
    it(`${what}: ${count === undefined ? "not known" : "known"}`, () => {
      assert.equal(reasons(row, expected, seen)?.length, count);
    });
  }

  it("is of whole lines", () => {
    for (const { row, wasmtime } of known) assert.match(wasmtime.source, /\\n$/, row);
  });
});
