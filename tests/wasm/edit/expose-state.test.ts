/** What a core module keeps, as exports: that all of it is seen, and what cannot be is told. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { changesHiddenState, exposeState } from "../../../src/wasm/edit/expose-state.ts";
import { guestModules } from "../modules.ts";

const core = async (text: string): Promise<Uint8Array<ArrayBuffer>> => new Uint8Array(await parse(`(module ${text})`));

describe("a module's state, exported", () => {
  const seen: readonly [what: string, text: string, memories: number, globals: number][] = [
    ["nothing", "(func)", 0, 0],
    ["a memory that nobody else sees", "(memory 1)", 1, 0],
    ["a memory that is exported", '(memory (export "memory") 1 2)', 1, 0],
    ["its own memory beside an imported one", '(import "a" "m" (memory 1)) (memory 2)', 1, 0],
    [
      "numbers of each type",
      "(global (mut i32) (i32.const 1)) (global (mut i64) (i64.const 2)) (global (mut f32) (f32.const 3)) (global (mut f64) (f64.const 4))",
      0,
      4,
    ],
    ["no constants", "(global i32 (i32.const 1)) (global v128 (v128.const i64x2 1 2))", 0, 0],
    ["no globals of others", '(import "a" "g" (global (mut i32))) (global (mut i32) (i32.const 1))', 0, 1],
    [
      "beside exports of such names",
      '(memory (export "pollux.state0") 1) (global (export "pollux.state") i32 (i32.const 1))',
      1,
      0,
    ],
  ];
  for (const [what, text, memories, globals] of seen) {
    it(what, async () => {
      const found = exposeState(await core(text));
      assert.ok(found !== undefined);
      const exports = WebAssembly.Module.exports(new WebAssembly.Module(found.bytes));
      const kind = (name: string) => exports.find((each) => each.name === name)?.kind;
      assert.deepEqual(found.state.memories.map(kind), new Array(memories).fill("memory"));
      assert.deepEqual(found.state.globals.map(kind), new Array(globals).fill("global"));
    });
  }

  it("with the values that they have", async () => {
    const text = "(global i32 (i32.const 7)) (global (mut i64) (i64.const -1)) (global (mut f64) (f64.const 0.5))";
    const found = exposeState(await core(text));
    assert.ok(found !== undefined);
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(found.bytes));
    assert.deepEqual(
      found.state.globals.map((name) => (exports[name] as WebAssembly.Global).value),
      [-1n, 0.5],
    );
  });

  const unseen: readonly [what: string, text: string][] = [
    ["a start function", "(func $f) (start $f)"],
    ["a shared memory", "(memory 1 2 shared)"],
    ["a memory of 64 bits", "(memory i64 1)"],
    ["a memory of small pages", "(memory 1 (pagesize 1))"],
    ["a vector that changes", "(global (mut v128) (v128.const i64x2 1 2))"],
    ["a reference that changes", "(global (mut funcref) (ref.null func))"],
    ["an object that is held", "(type $s (struct (field (mut i32)))) (global (mut (ref null $s)) (ref.null $s))"],
  ];
  for (const [what, text] of unseen)
    it(`not: ${what}`, async () => assert.equal(exposeState(await core(text)), undefined));

  it("is as valid as before, whatever a compiler has made", () => {
    for (const { name, bytes } of guestModules()) {
      const found = exposeState(bytes);
      if (found !== undefined) assert.ok(WebAssembly.validate(found.bytes), name);
    }
  });
});

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
    it(what, async () => assert.equal(last(changesHiddenState(await core(text))), changes));

  it("is looked for a part at a time", async () => {
    const body = "(drop (i32.const 1))".repeat(2000);
    const steps = changesHiddenState(
      await core(`(table 1 funcref) ${`(func ${body})`.repeat(40)} (func (table.set (i32.const 0) (ref.null func)))`),
    );
    let parts = 0;
    for (let step = steps.next(); ; step = steps.next()) {
      parts++;
      if (step.done !== true) continue;
      assert.equal(step.value, true);
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
