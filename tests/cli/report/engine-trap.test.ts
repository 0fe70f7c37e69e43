import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { setImmediate as nextTask } from "node:timers/promises";
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { describeTrap, isStackOverflow } from "../../../src/wasm/engine-trap.ts";
import { wasmFrames } from "../../../src/wasm/frames.ts";
import { promising } from "../../../src/wasm/jspi.ts";
import type { CoreFunction } from "../../../src/wasm/types.ts";

const text = `
  (module $mymod
    (type $t (func))
    (type $s (struct (field i32)))
    (table $tab 3 funcref)
    (elem (i32.const 0) func $id)
    (memory 1)
    (data $passive "abc")
    (func $id (param i32))
    (func $unr (export "unreachable") unreachable)
    (func $mid (call $unr))
    (func $outer (export "outer") (call $mid))
    (func (export "load") (drop (i32.load (i32.const 0x7fffffff))))
    (func (export "store") (i32.store (i32.const 0x7fffffff) (i32.const 1)))
    (func (export "memory.copy") (memory.copy (i32.const 0) (i32.const 65530) (i32.const 100)))
    (func (export "memory.fill") (memory.fill (i32.const 65530) (i32.const 0) (i32.const 100)))
    (func (export "memory.init") (memory.init $passive (i32.const 0) (i32.const 0) (i32.const 100)))
    (func (export "div") (drop (i32.div_s (i32.const 1) (i32.const 0))))
    (func (export "rem") (drop (i64.rem_u (i64.const 1) (i64.const 0))))
    (func (export "overflow") (drop (i32.div_s (i32.const 0x80000000) (i32.const -1))))
    (func (export "trunc") (drop (i32.trunc_f32_s (f32.const nan))))
    (func (export "signature") (call_indirect (type $t) (i32.const 0)))
    (func (export "call_indirect") (call_indirect (type $t) (i32.const 99)))
    (func (export "table.get") (drop (table.get (i32.const 99))))
    (func (export "table.set") (table.set (i32.const 99) (ref.null func)))
    (func (export "null") (call_ref $t (ref.null $t)))
    (func (export "cast") (drop (ref.cast (ref $s) (ref.i31 (i32.const 1)))))
    (type $a (array (mut i32)))
    (type $fs (array (mut funcref)))
    (elem $passive-elem func $id)
    (func (export "as-non-null") (drop (ref.as_non_null (ref.null func))))
    (func (export "i31") (drop (i31.get_s (ref.null i31))))
    (func (export "struct.get") (drop (struct.get $s 0 (ref.null $s))))
    (func (export "array.len") (drop (array.len (ref.null array))))
    (func (export "throw_ref") (throw_ref (ref.null exn)))
    (func (export "array.get") (drop (array.get $a (array.new_default $a (i32.const 1)) (i32.const 5))))
    (func (export "array.fill") (array.fill $a (array.new_default $a (i32.const 1)) (i32.const 5) (i32.const 5) (i32.const 5)))
    (func (export "array.new_data") (drop (array.new_data $a $passive (i32.const 0) (i32.const 50))))
    (func (export "array.new_elem") (drop (array.new_elem $fs $passive-elem (i32.const 0) (i32.const 50))))
    (func (export "array.new") (drop (array.new_default $a (i32.const -1))))
    (func $rec (export "rec") (call $rec) (call $rec)))`;

const outOfTable = "undefined element: out of bounds table access";
const descriptions: readonly (readonly [string, string])[] = [
  ["unreachable", "wasm `unreachable` instruction executed"],
  ["load", "out of bounds memory access"],
  ["store", "out of bounds memory access"],
  ["memory.copy", "out of bounds memory access"],
  ["memory.fill", "out of bounds memory access"],
  ["memory.init", "out of bounds memory access"],
  ["div", "integer divide by zero"],
  ["rem", "integer divide by zero"],
  ["overflow", "integer overflow"],
  ["trunc", "invalid conversion to integer"],
  ["signature", "indirect call type mismatch"],
  ["call_indirect", outOfTable],
  ["table.get", outOfTable],
  ["table.set", outOfTable],
  ["null", "null reference"],
  ["cast", "cast failure"],
  ["as-non-null", "null reference"],
  ["i31", "null reference"],
  ["struct.get", "null reference"],
  ["array.len", "null reference"],
  ["throw_ref", "null reference"],
  ["array.get", "out of bounds array access"],
  ["array.fill", "out of bounds array access"],
  ["array.new_data", "out of bounds memory access"],
  ["array.new_elem", outOfTable],
  ["array.new", "allocation size too large"],
];

const segments: readonly (readonly [string, string])[] = [
  [`(module (memory 1) (data (i32.const 65536) "x"))`, "out of bounds memory access"],
  [`(module (table 1 funcref) (func $f) (elem (i32.const 1) $f))`, outOfTable],
];

describe("a trap of the engine", () => {
  let exports: WebAssembly.Exports;
  before(async () => {
    exports = instantiate(await parse(text)).exports;
  });

  for (const [name, description] of descriptions) {
    it(`${name}: ${description}`, () => {
      const error = caught(() => call(exports[name]));
      assert.ok(error instanceof WebAssembly.RuntimeError, String(error));
      assert.equal(describeTrap(error.message), description);
    });
  }

  for (const [module, description] of segments) {
    it(`${module}: ${description}`, async () => {
      const bytes = await parse(module);
      const error = caught(() => instantiate(bytes));
      assert.ok(error instanceof WebAssembly.RuntimeError, String(error));
      assert.equal(describeTrap(error.message), description);
    });
  }

  it("is told apart from a used-up stack, which has frames too", () => {
    const error = caught(() => call(exports["rec"]));
    assert.ok(isStackOverflow(error));
    assert.equal(wasmFrames(error)[0]?.func, "rec");
    assert.ok(!isStackOverflow(new RangeError("Invalid array length")));
  });

  it("has frames, innermost first, with the names of the name section", () => {
    const frames = wasmFrames(caught(() => call(exports["outer"])));
    assert.deepEqual(
      frames.map(({ func, module }) => `${module}!${func}`),
      ["mymod!unr", "mymod!mid", "mymod!outer"],
    );
    const offsets = frames.map(({ offset }) => offset);
    const v8 = !process.versions["bun"];
    assert.ok(offsets.every((offset) => (offset !== undefined) === v8));
  });

  it("has frames without names", async () => {
    const nameless = instantiate(await parse('(module (func) (func (export "f") unreachable))')).exports;
    const [frame] = wasmFrames(caught(() => call(nameless["f"])));
    assert.equal(frame?.func, "<wasm function 1>");
    assert.equal(frame.module, undefined);
  });

  it("has frames of a module that names only some functions", async () => {
    const some = instantiate(await parse('(module (func $named (export "f") (call 1)) (func unreachable))')).exports;
    const names = wasmFrames(caught(() => call(some["f"]))).map(({ func }) => func);
    // JavaScriptCore tells no index then.
    assert.deepEqual(names, [process.versions["bun"] ? "<wasm function ?>" : "<wasm function 1>", "named"]);
  });

  it("keeps its frames when the functions that called it are collected", async () => {
    const outer = promising(exports["outer"] as CoreFunction);
    const failed = (new Function("outer", "return () => outer();")(outer) as () => Promise<unknown>)();
    const error: unknown = await failed.catch((reason) => reason);
    assert.ok(error instanceof Error);
    await nextTask();
    (globalThis as { Bun?: { gc(force: boolean): void } }).Bun?.gc(true);
    assert.deepEqual(
      wasmFrames(error).map(({ func }) => func),
      ["unr", "mid", "outer"],
    );
  });

  it("leaves stacks of JavaScript as they were", () => {
    const before = new Error("here").stack;
    const there = new Error("there");
    assert.deepEqual(wasmFrames(there), []);
    assert.match(there.stack ?? "", /^Error: there\n {4}at .*engine-trap\.test/);
    assert.match(before ?? "", /engine-trap\.test/);
    assert.match(new Error("after").stack ?? "", /engine-trap\.test/);
  });
});

function instantiate(bytes: Uint8Array): WebAssembly.Instance {
  return new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes)));
}

function call(f: unknown): void {
  assert.ok(typeof f === "function");
  f();
}

function caught(f: () => unknown): Error {
  try {
    f();
  } catch (error) {
    assert.ok(error instanceof Error);
    return error;
  }
  throw new Error("nothing was thrown");
}
