import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { grownTooFar, trapOnGrowFailure } from "../../../src/wasm/limits/grow-traps.ts";
import { binary } from "../../component/text.ts";
import { guestModules } from "../modules.ts";

async function instance(text: string, imports: WebAssembly.Imports = {}): Promise<WebAssembly.Exports> {
  const module = new WebAssembly.Module(trapOnGrowFailure(await binary(`(module ${text})`)));
  return new WebAssembly.Instance(module, imports).exports;
}

type Exported = (...args: readonly (number | bigint)[]) => unknown;

/** Calls `f`, and answers what it answers, or what is said of the growth that ended it. */
function outcome(exports: WebAssembly.Exports, ...args: readonly (number | bigint)[]): unknown {
  try {
    return (exports["f"] as Exported)(...args);
  } catch (error) {
    assert.ok(error instanceof WebAssembly.RuntimeError, String(error));
    return grownTooFar(exports);
  }
}

const has64 = WebAssembly.validate(await binary("(module (memory i64 1))"));

/** The module, whose `f` grows by its argument; by how much it can be grown, and what is said of that and one more. */
const cases: readonly (readonly [text: string, args: readonly (number | bigint)[], answers: readonly unknown[]])[] = [
  [
    '(memory 1 3) (func (export "f") (param i32) (result i32) (memory.grow (local.get 0)))',
    [2, 1],
    [1, "memory to 262144 bytes"],
  ],
  [
    '(memory 1 3) (func (export "f") (param i32) (result i32) (memory.grow (local.get 0)))',
    [-1],
    ["memory to 281474976710656 bytes"],
  ],
  ['(memory 1 3) (func (export "f") (param i32) (result i32) (memory.grow (local.get 0)))', [0, 0], [1, 1]],
  [
    '(memory 1 1) (memory $m 2 4) (func (export "f") (param i32) (result i32) (memory.grow $m (local.get 0)))',
    [1, 2],
    [2, "memory to 327680 bytes"],
  ],
  [
    '(table 1 3 funcref) (func (export "f") (param i32) (result i32) (table.grow (ref.null func) (local.get 0)))',
    [2, 1],
    [1, "table to 4 elements"],
  ],
  [
    '(table 5 funcref) (table $t 1 2 externref) (func (export "f") (param i32) (result i32) (table.grow $t (ref.null extern) (local.get 0)))',
    [1, 7],
    [1, "table to 9 elements"],
  ],
  [
    '(type $s (struct)) (table $t 0 1 (ref null $s)) (func (export "f") (param i32) (result i32) (table.grow $t (ref.null $s) (local.get 0)))',
    [1, 1],
    [0, "table to 2 elements"],
  ],
  // Types, globals and exports of its own, functions that are numbered, and code behind what grows.
  [
    `(rec (type $a (func)) (type $b (func (param i64)))) (global $g (mut i32) (i32.const 7)) (memory 1 2) (export "g" (global $g))
     (func $first) (start $first) (table funcref (elem $first $last)) (export "pollux.grow0" (func $first)) (export "pollux.grow'" (func $last))
     (func (export "f") (param i32) (result i32)
       (block $out (result i32) (if (local.get 0) (then (br $out (memory.grow (local.get 0))))) (i32.const 42))
       (call $last) (i32.add (global.get $g)))
     (func $last (global.set $g (i32.const 100)))`,
    [0, 1, 1],
    [142, 101, "memory to 196608 bytes"],
  ],
  ...(has64
    ? ([
        [
          '(memory i64 1 3) (func (export "f") (param i64) (result i64) (memory.grow (local.get 0)))',
          [2n, 1n],
          [1n, "memory to 262144 bytes"],
        ],
        [
          '(memory i64 1 3) (func (export "f") (param i64) (result i64) (memory.grow (local.get 0)))',
          [-1n],
          ["memory to 18446744073709486080 bytes"],
        ],
        [
          '(table i64 1 3 funcref) (func (export "f") (param i64) (result i64) (table.grow (ref.null func) (local.get 0)))',
          [2n, 1n],
          [1n, "table to 4 elements"],
        ],
      ] as const)
    : []),
];

describe("trapOnGrowFailure", () => {
  for (const [text, args, answers] of cases) {
    it(`${text.slice(0, 60)} by ${args.join(", ")}`, async () => {
      const exports = await instance(text);
      const got = args.map((arg) => outcome(exports, arg));
      assert.deepEqual(
        got,
        answers.map((answer) => (typeof answer === "string" ? `forcing trap when growing ${answer}` : answer)),
      );
    });
  }

  it("an imported memory", async () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 2 });
    const exports = await instance(
      `(import "h" "g" (global i32)) (import "h" "m" (memory 1)) (import "h" "n" (func))
       (func (export "f") (param i32) (result i32) (memory.grow (local.get 0)))`,
      { h: { g: 1, m: memory, n: () => {} } },
    );
    assert.equal(outcome(exports, 1), 1);
    assert.equal(outcome(exports, 1), "forcing trap when growing memory to 196608 bytes");
    assert.equal(memory.buffer.byteLength, 131072);
  });

  it("a trap of its own is none of growing", async () => {
    const exports = await instance('(memory 1 2) (func (export "f") (drop (memory.grow (i32.const 1))) (unreachable))');
    assert.equal(outcome(exports), undefined);
  });

  it("what does not grow is left as it is", async () => {
    for (const text of ["(module)", '(module (memory 1) (func (export "f") (drop (memory.size))))']) {
      const bytes = await binary(text);
      assert.equal(trapOnGrowFailure(bytes), bytes);
    }
  });

  it("all guests are valid with it", () => {
    let changed = 0;
    for (const { name, bytes } of guestModules()) {
      const trapping = trapOnGrowFailure(bytes);
      if (trapping !== bytes) changed++;
      assert.ok(WebAssembly.validate(trapping), name);
    }
    assert.ok(changed > 10, String(changed));
  });
});
