import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bodiesOf } from "../../src/wasm/code-section.ts";
import { readInstruction } from "../../src/wasm/instructions.ts";
import { Reader } from "../../src/wasm/reader.ts";
import { CODE_SECTION, sectionsOf } from "../../src/wasm/sections.ts";
import { binary } from "../component/text.ts";
import { guestModules } from "./modules.ts";

const END = 0x0b;

/** How many instructions a module has. Each body ends with an `end`, and nowhere else than the sum of its instructions. */
function instructions(module: Uint8Array<ArrayBuffer>): number {
  let count = 0;
  for (const { id, content } of sectionsOf(module)) {
    if (id !== CODE_SECTION) continue;
    for (const { code } of bodiesOf(content)) {
      let last = -1;
      for (; !code.atEnd; count++) last = readInstruction(code);
      assert.deepEqual([last, code.pos], [END, code.end]);
    }
    assert.ok(content.atEnd);
  }
  return count;
}

/** One of each sort of immediate, and the prefixes. */
const bodies: Readonly<Record<string, string>> = {
  control: `(block (result i32) (loop (br 0)) (i32.const 1)) (if (param i32) (result i64 i64) (then (drop) (i64.const -1) (i64.const 1))
    (else (drop) (i64.const 0) (i64.const 0))) (drop) (drop) (block (block (br_table 0 1 0 (i32.const 1)))) (return)`,
  calls: "(call 0) (call_indirect (type 0) (i32.const 0)) (return_call 0)",
  "tail calls": "(return_call_indirect (type 0) (i32.const 0))",
  references: `(drop (ref.null func)) (drop (ref.null $s)) (drop (ref.func 0)) (drop (ref.is_null (ref.null extern)))
    (block (result (ref func)) (br_on_non_null 0 (ref.null func)) (unreachable)) (drop)
    (drop (select (result funcref) (ref.null func) (ref.null func) (i32.const 0)))
    (drop (select (result (ref null $s)) (ref.null $s) (ref.null $s) (i32.const 0)))
    (block (result (ref null $s)) (ref.null $s)) (drop) (call_ref 0 (ref.func 0))`,
  constants:
    "(drop (i32.const -2147483648)) (drop (i64.const -9223372036854775808)) (drop (f32.const 1)) (drop (f64.const nan))",
  memory: `(i32.store offset=4294967295 (i32.const 0) (i32.load8_u align=1 (i32.const 0))) (drop (memory.size))
    (drop (i64.load $other offset=300 (i32.const 0))) (memory.init 0 (i32.const 0) (i32.const 0) (i32.const 0)) (data.drop 0)
    (memory.copy $other 0 (i32.const 0) (i32.const 0) (i32.const 0)) (memory.fill (i32.const 0) (i32.const 0) (i32.const 0))`,
  tables: `(table.set 0 (i32.const 0) (table.get 0 (i32.const 0))) (table.init 0 0 (i32.const 0) (i32.const 0) (i32.const 0))
    (elem.drop 0) (table.copy (i32.const 0) (i32.const 0) (i32.const 0)) (drop (table.size))
    (drop (table.grow (ref.null func) (i32.const 0))) (table.fill (i32.const 0) (ref.null func) (i32.const 0))`,
  vectors: `(drop (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 (v128.const i32x4 1 2 3 4) (v128.load (i32.const 0))))
    (drop (v128.load8_lane 7 (i32.const 0) (v128.const i64x2 0 0))) (drop (f64x2.extract_lane 1 (v128.const i64x2 0 0)))
    (drop (v128.load32_zero (i32.const 0))) (drop (i32x4.relaxed_dot_i8x16_i7x16_add_s (v128.const i64x2 0 0)
    (v128.const i64x2 0 0) (v128.const i64x2 0 0))) (drop (i32.trunc_sat_f64_u (f64.const 0)))`,
  atomics: `(atomic.fence) (drop (i32.atomic.rmw.cmpxchg (i32.const 0) (i32.const 0) (i32.const 0)))
    (drop (memory.atomic.notify (i32.const 0) (i32.const 0)))`,
  exceptions: `(block $h (result i32 exnref) (try_table (result i32) (catch_ref $e $h) (throw $e (i32.const 1))) (unreachable))
    (throw_ref)`,
  "catch all": "(block $h (try_table (catch_all $h) (throw $e (i32.const 1))))",
  gc: `(drop (struct.get $s 0 (struct.new $s (i32.const 1)))) (drop (array.new_fixed $a 2 (i32.const 1) (i32.const 2)))
    (drop (array.len (array.new_default $a (i32.const 1)))) (drop (ref.test (ref $s) (ref.null $s)))
    (drop (ref.cast (ref null i31) (ref.i31 (i32.const 1))))
    (block (result (ref null $s)) (br_on_cast 0 (ref null $s) (ref $s) (ref.null $s))) (drop)
    (array.copy $a $a (array.new_default $a (i32.const 1)) (i32.const 0) (array.new_default $a (i32.const 1)) (i32.const 0) (i32.const 0))
    (drop (array.new_data $a 0 (i32.const 0) (i32.const 0))) (drop (any.convert_extern (ref.null extern)))`,
  "wide arithmetic":
    "(drop (drop (i64.add128 (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1)))) (drop (drop (i64.mul_wide_u (i64.const 1) (i64.const 1))))",
};

const module = (body: string) => `(module
  (type $f (func)) (type $s (struct (field i32))) (type $a (array (mut i32))) (tag $e (param i32))
  (memory 1) (memory $other 1) (table 1 funcref) (data "abc") (elem func 0)
  (func $one (type $f) (local i32 i64 v128) (local (ref null $s)) ${body}))`;

describe("instructions", () => {
  for (const [what, body] of Object.entries(bodies)) {
    it(what, async () => assert.ok(instructions(await binary(module(body))) > 1));
  }

  it("of all guests", () => {
    let count = 0;
    for (const { bytes } of guestModules()) count += instructions(bytes);
    assert.ok(count > 100_000, String(count));
  });

  it("one that is not known is an error with its place", () => {
    for (const bytes of [[0xff], [0xfc, 0x7f], [0xfb, 0xff, 0x01]])
      assert.throws(
        () => readInstruction(new Reader(Uint8Array.from(bytes))),
        /^ParseError: illegal opcode: 0xf\w \(at offset 0x0\)$/,
      );
  });
});
