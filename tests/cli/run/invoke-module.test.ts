/** What is called of a core module without --invoke, as wasmtime 48.0.8 has it; and what cannot be called. */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { run } from "../../e2e/host.ts";
import { chain, here, scratchDirectory, textGuest } from "../here.ts";

const scratch = scratchDirectory();
const v128 = "(v128.const i32x4 1 2 3 4)";

const texts: Readonly<Record<string, string>> = {
  "takes and returns": '(module (func (export "_start") (param i32) (result i32) (local.get 0)))',
  "returns two": '(module (func (export "_start") (result i32 f32) (i32.const 7) (f32.const 1)))',
  "nameless memory": '(module (memory (export "") 1) (func (export "_start") (result i32) (i32.const 7)))',
  "a memory": '(module (memory (export "_start") 1))',
  "initialize takes": '(module (func (export "_initialize") (param i32)))',
  "initialize returns": '(module (func (export "_initialize") (result i32 i32) (i32.const 1) (i32.const 1)))',
  "initialize is a memory": '(module (memory (export "_initialize") 1) (func (export "_start")))',
  "takes a vector": '(module (func (export "_start") (param v128)))',
  vectors: `(module (func (export "_start") (result i32 v128) (i32.const 1) ${v128}) (func (export "v") (result v128) ${v128})
    (func (export "e") (result exnref) (ref.null exn)))`,
};
const files: Record<string, string> = {};
before(async () => {
  for (const [name, text] of Object.entries(texts)) files[name] = await textGuest(scratch, name, text);
});

/** The module, options, arguments; status, stdout, the causes. */
const cases: readonly (readonly [string, readonly string[], readonly string[], number, string, readonly string[]])[] = [
  ["takes and returns", [], ["5", "6"], 0, "5\n", []],
  ["takes and returns", [], [], 1, "", ["not enough arguments for command default"]],
  ["takes and returns", [], ["x"], 1, "", ["invalid digit found in string"]],
  ["returns two", [], [], 0, "7\n1\n", []],
  ["nameless memory", [], [], 0, "7\n", []],
  ["a memory", [], [], 0, "", []],
  ["initialize takes", [], [], 1, "", ["type mismatch with parameters", "expected 0 types, found 1"]],
  ["initialize returns", [], [], 1, "", ["type mismatch with results", "expected 0 types, found 2"]],
  ["initialize is a memory", [], [], 0, "", []],
  ["takes a vector", [], ["1"], 1, "", ["unsupported argument type v128"]],
  ["vectors", [], [], 1, "", ["unsupported result type v128"]],
  ["vectors", ["--invoke", "v"], [], 1, "", ["unsupported result type v128"]],
  ["vectors", ["--invoke", "e"], [], 1, "", ["unsupported result type (ref null exn)"]],
];

for (const host of here) {
  describe(`the function of a command on ${host.name}`, { skip: host.skip }, () => {
    for (const [name, flags, args, status, stdout, causes] of cases) {
      it(`${name} ${[...flags, ...args].join(" ")}: ${causes.at(-1) ?? `status ${status}`}`, async () => {
        const file = files[name]!;
        for (const wait of ["--wait=blocking", "--wait=suspending"]) {
          const outcome = await run(host, file, { flags: [wait, ...flags], args });
          const main = causes.length === 0 ? [] : [`failed to run main module \`${file}\``];
          assert.deepEqual(chain(outcome.stderr), [...main, ...causes]);
          assert.deepEqual([outcome.stdout.toString(), outcome.status], [stdout, status]);
        }
      });
    }
  });
}
