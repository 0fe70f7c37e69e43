import assert from "node:assert/strict";
import { it } from "node:test";
import { parseComponent } from "../../../src/component/binary/parse.ts";
import { CompiledComponent } from "../../../src/component/link/compiled.ts";
import { instantiateComponent } from "../../../src/component/link/instantiate.ts";
import { binary, canonOptions, exported, libc } from "../text.ts";

const text = `(component
  (import "f" (func $f (param "lists" (list (list u8)))))
  ${libc}
  (core func $f (canon lower (func $f) ${canonOptions}))
  (core module $m
    (import "l" "memory" (memory 1))
    (import "h" "f" (func $f (param i32 i32)))
    ;; so many times the same list of 1,000 bytes
    (func (export "run") (param $lists i32) (local $i i32)
      (loop $again
        (i32.store (i32.mul (local.get $i) (i32.const 8)) (i32.const 0))
        (i32.store offset=4 (i32.mul (local.get $i) (i32.const 8)) (i32.const 1000))
        (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $lists))))
      (call $f (i32.const 0) (local.get $lists))))
  (core instance $i (instantiate $m (with "l" (instance $l)) (with "h" (instance (export "f" (func $f))))))
  (func (export "run") (param "lists" u32) (canon lift (core func $i "run"))))`;

it("one call copies so many bytes and no more", async () => {
  const component = new CompiledComponent(parseComponent(await binary(text)));
  const calls: number[] = [];
  const f = (lists: Uint8Array[]): void => {
    calls.push(lists.length);
  };
  const run = exported(instantiateComponent(component, { f }, { hostcallFuel: 10_240 }), "run");
  run(10);
  run(10);
  assert.throws(() => run(11), {
    name: "Trap",
    message: /^too much data is being copied between the host and the guest/,
  });
  assert.deepEqual(calls, [10, 10]);
});
