/** What -Whelp says of proposals to WebAssembly is so on each engine, and is seen to change when an engine does. */
import assert from "node:assert/strict";
import process from "node:process";
import { describe, it } from "node:test";
import { wasm } from "../../../src/cli/options/groups/wasm.ts";
import { binary } from "../../component/text.ts";

const runtime = process.versions["bun"] ? "Bun" : process.versions["deno"] ? "Deno" : "Node";

const modules: Partial<Readonly<Record<keyof typeof wasm.keys, string>>> = {
  "bulk-memory": "(module (memory 1) (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 0))))",
  "multi-memory": "(module (memory 1) (memory 1))",
  "multi-value": "(module (func (result i32 i32) (i32.const 1) (i32.const 2)))",
  "reference-types": "(module (table 1 externref))",
  simd: "(module (func (result v128) (v128.const i32x4 1 2 3 4)))",
  "relaxed-simd": "(module (func (param v128) (result v128) (i8x16.relaxed_swizzle (local.get 0) (local.get 0))))",
  "tail-call": "(module (func $f (return_call $f)))",
  threads: "(module (memory 1 1 shared) (func (drop (i32.atomic.load (i32.const 0)))))",
  "shared-memory": "(module (memory 1 1 shared))",
  "shared-everything-threads": "(module (global (shared i32) (i32.const 0)))",
  memory64: "(module (memory i64 1))",
  "function-references": "(module (type $t (func)) (func (param (ref $t)) (call_ref $t (local.get 0))))",
  "stack-switching":
    "(module (type $f (func)) (type $c (cont $f)) (func (param (ref $f)) (drop (cont.new $c (local.get 0)))))",
  gc: "(module (type $s (struct (field i32))) (func (drop (struct.new $s (i32.const 1)))))",
  "custom-page-sizes": "(module (memory 1 (pagesize 1)))",
  "wide-arithmetic":
    "(module (func (result i64 i64) (i64.add128 (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1))))",
  "extended-const": "(module (global i32 (i32.add (i32.const 1) (i32.const 2))))",
  exceptions: "(module (tag $e) (func (block $h (try_table (catch_all $h) (throw $e)))))",
};

describe(`what -Whelp says of proposals, on ${runtime}`, () => {
  for (const [key, text] of Object.entries(modules)) {
    const { doc } = wasm.keys[key as keyof typeof wasm.keys];
    it(doc, async () => {
      const [, where = doc.includes("(always on") ? runtime : ""] = /on with ([^;]*);/.exec(doc) ?? [];
      assert.equal(WebAssembly.validate(await binary(text)), where.includes(runtime));
    });
  }
});
