/** Names that a terminal would obey: what Pollux says of a file or a guest holds none of them; what a guest says itself is its own. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import fc from "fast-check";
import { printable, printableColumns, printableLines } from "../../src/wasm/printable.ts";
import { here, scratchDirectory } from "../cli/here.ts";
import { binary } from "../component/text.ts";
import { Guest, type Host, run } from "../e2e/host.ts";
import { component, coreModule, joined, list, name, nestedModule, trappingModule } from "./bytes.ts";

/** A title, a colour by C1, DEL, a turn of the direction, a line of its own. */
const EVIL = "\x1b]0;mine\x07\x9b31m\x7f\u202e\u2066\u2028\r\nforged: all is well";
const SHOWN = "\\u001b]0;mine\\u0007\\u009b31m\\u007f\\u202e\\u2066\\u2028\\r\\nforged: all is well";

const obeyed = /[^\P{Cc}\n\t]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;

describe("printable text", () => {
  it("holds nothing that a terminal obeys, and the rest as it was", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: fc.constantFrom(..."a\x00\x1b\x7f\x9b\u202e\u2069\u200e\u061c\n\t\ré😀") }),
    );
    const check = (given: string) => {
      assert.doesNotMatch(printable(given), /[\p{Cc}\u202e]/u);
      for (const shown of [printable(given), printableLines(given), printableColumns(given)]) {
        assert.doesNotMatch(shown, obeyed);
        assert.equal(printableLines(shown), shown);
      }
      assert.equal(printableLines(given).split("\n").length, given.split("\n").length);
      assert.equal(printableColumns(given).length, given.length);
      if (!/["\\]/.test(given)) assert.equal(JSON.parse(`"${printable(given)}"`), given);
    };
    fc.assert(fc.property(text, check), { numRuns: 5000 });
  });
});

const imported = coreModule(
  list(1, [[0x60, 0, 0]]),
  list(2, [joined([name(EVIL), name(EVIL), [0, 0]])]),
  list(7, [joined([name(EVIL), [0, 0]])]),
);
/** Two exports of one name, which engines name when they refuse it. */
const twice = coreModule(
  list(1, [[0x60, 0, 0]]),
  list(3, [[0]]),
  list(7, [joined([name(EVIL), [0, 0]]), joined([name(EVIL), [0, 0]])]),
  list(10, [[2, 0, 0x0b]]),
);
const scratch = scratchDirectory();
const file = (of: string) => join(scratch, `${of}.wasm`);

/** Prints EVIL, and opens a file of that name. */
const speaking = (bytes: string, length: number) => `(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_unlink_file" (func $unlink (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\\10\\00\\00\\00\\${length.toString(16).padStart(2, "0")}\\00\\00\\00") (data (i32.const 16) "${bytes}")
  (func (export "_start")
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
    (drop (call $unlink (i32.const 3) (i32.const 16) (i32.const ${length})))))`;

before(async () => {
  const trapping = trappingModule(EVIL, EVIL);
  writeFileSync(file("imported"), imported);
  writeFileSync(file("twice"), twice);
  writeFileSync(file("trapping"), trapping);
  writeFileSync(file("nested"), component(nestedModule(trapping)));
  writeFileSync(file("misnamed"), component(list(7, [[0x40, 0, 1, 0]]), list(10, [joined([[0], name(EVIL), [1, 0]])])));
  const bytes = [...new TextEncoder().encode(EVIL)];
  const text = bytes.map((byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("");
  writeFileSync(file("speaking"), await binary(speaking(text, bytes.length)));
});

async function output({ command }: Host, ...words: readonly string[]): Promise<{ text: string; stdout: Buffer }> {
  await using guest = new Guest([...command, ...words], { POLLUX_LOG: "trace" });
  const { stdout, stderr } = await guest.outcome();
  return { text: stdout.toString() + stderr, stdout };
}

/** The words of a command, and whether what it says has the name in it. */
const said: readonly (readonly [words: readonly string[], named: boolean])[] = [
  [["inspect", "imported"], true],
  [["inspect", "trapping"], true],
  [["inspect", "nested"], true],
  [["run", "imported"], true],
  [["run", "--stats", "imported"], true],
  [["run", "misnamed"], true],
  // JavaScriptCore does not say which name it is.
  [["run", "twice"], false],
  [["run", "--invoke=f", "trapping"], true],
  [["run", "--invoke=f", "--wait=suspending", "trapping"], true],
];

for (const host of here) {
  describe(`names on ${host.name}`, { skip: host.skip }, () => {
    for (const [words, named] of said) {
      it(`are shown escaped by ${words.join(" ")}`, async () => {
        const { text } = await output(host, ...words.slice(0, -1), file(words.at(-1)!));
        assert.doesNotMatch(text, obeyed);
        if (named) assert.ok(text.includes(SHOWN), text);
        assert.doesNotMatch(text, /^forged/m);
      });
    }

    it("are what they were in the JSON of inspect", async () => {
      const { text, stdout } = await output(host, "inspect", "--json", file("imported"));
      assert.doesNotMatch(text, obeyed);
      const { imports, exports } = JSON.parse(stdout.toString());
      assert.deepEqual([imports[0].module, imports[0].name, exports[0].name], [EVIL, EVIL, EVIL]);
    });

    for (const format of ["text", "json", "chrome"]) {
      it(`are shown escaped in a trace as ${format}, and the guest's output is as it was`, async () => {
        const { stdout, stderr } = await run(host, file("speaking"), { flags: [`--trace=${format}`] });
        assert.equal(stdout.toString(), EVIL);
        assert.doesNotMatch(stderr, obeyed);
        assert.match(stderr, /mine.*\\u009b31m\\u007f\\u202e/);
      });
    }
  });
}
