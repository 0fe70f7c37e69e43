/** What code does to what its instances keep, beside loads and stores. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { readCodeState } from "../../src/wasm/code-state.ts";

const core = async (text: string): Promise<Uint8Array<ArrayBuffer>> => new Uint8Array(await parse(`(module ${text})`));

describe("state that is changed and not exported", () => {
  const table = "(table $t 4 funcref) (func $f) (elem $e declare func $f)";
  const cases: readonly [what: string, text: string, changes: boolean][] = [
    ["no code", "(memory 1)", false],
    [
      "memory, globals, calls through tables",
      "(memory 1) (table 1 funcref) (func (i32.store (i32.const 0) (i32.const 1)) (call_indirect (i32.const 0)) (drop (table.size 0)) (memory.fill (i32.const 0) (i32.const 0) (i32.const 0)))",
      false,
    ],
    ["table.get", `${table} (func (drop (table.get $t (i32.const 0))))`, false],
    [
      "memory.init of what stays",
      '(memory 1) (data $d "abc") (func (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1)))',
      false,
    ],
    ["table.set", `${table} (func (table.set $t (i32.const 0) (ref.func $f)))`, true],
    ["table.grow", `${table} (func (drop (table.grow $t (ref.null func) (i32.const 1))))`, true],
    ["table.fill", `${table} (func (table.fill $t (i32.const 0) (ref.null func) (i32.const 1)))`, true],
    ["table.copy", `${table} (func (table.copy (i32.const 0) (i32.const 0) (i32.const 1)))`, true],
    [
      "table.init",
      `(table $t 4 funcref) (func $f) (elem $e func $f) (func (table.init $t $e (i32.const 0) (i32.const 0) (i32.const 1)))`,
      true,
    ],
    ["elem.drop", "(func $f) (elem $e func $f) (func (elem.drop $e))", true],
    ["data.drop", '(memory 1) (data $d "abc") (func (data.drop $d))', true],
    ["an object", "(type $s (struct (field (mut i32)))) (func (drop (struct.new_default $s)))", true],
  ];
  for (const [what, text, changes] of cases)
    it(what, async () => assert.equal(last(readCodeState(await core(text))).changesHiddenState, changes));

  it("is looked for a part at a time", async () => {
    const body = "(drop (i32.const 1))".repeat(2000);
    const steps = readCodeState(
      await core(`(table 1 funcref) ${`(func ${body})`.repeat(40)} (func (table.set (i32.const 0) (ref.null func)))`),
    );
    let parts = 0;
    for (let step = steps.next(); ; step = steps.next()) {
      parts++;
      if (step.done !== true) continue;
      assert.equal(step.value.changesHiddenState, true);
      break;
    }
    assert.ok(parts > 3, `${parts} parts`);
  });
});

function last<T>(steps: Generator<void, T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}
