/** What one call may copy from a component to another. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { start, traps } from "../async/guest.ts";

/** `run` writes so many values to a stream whose other end its sibling reads to the end of its memory. */
const copying = (type: string) => `(component
  (component $reader
    (type $s (stream ${type}))
    (core module $libc (memory (export "memory") 70))
    (core instance $l (instantiate $libc))
    (canon stream.read $s async (memory (core memory $l "memory")) (core func $read))
    (canon task.return (core func $return))
    (core module $m
      (import "" "read" (func $read (param i32 i32 i32) (result i32)))
      (import "" "return" (func $return))
      (func (export "f") (param i32) (result i32)
        (drop (call $read (local.get 0) (i32.const 0) (i32.const 4500000)))
        (call $return)
        (i32.const 1))
      (func (export "callback") (param i32 i32 i32) (result i32) (i32.const 0)))
    (core instance $i (instantiate $m (with "" (instance (export "read" (func $read)) (export "return" (func $return))))))
    (func (export "f") async (param "s" $s) (canon lift (core func $i "f") async (callback (core func $i "callback")))))
  (component $writer
    (type $s (stream ${type}))
    (import "f" (func $f async (param "s" $s)))
    (core module $libc (memory (export "memory") 70))
    (core instance $l (instantiate $libc))
    (canon lower (func $f) async (core func $f-lowered))
    (canon task.return (result u32) (core func $return))
    (canon stream.new $s (core func $new))
    (canon stream.write $s async (memory (core memory $l "memory")) (core func $write))
    (core module $m
      (import "" "f" (func $f (param i32) (result i32)))
      (import "" "new" (func $new (result i64)))
      (import "" "write" (func $write (param i32 i32 i32) (result i32)))
      (import "" "return" (func $return (param i32)))
      (func (export "run") (param $n i32) (result i32) (local $s i64)
        (local.set $s (call $new))
        (drop (call $f (i32.wrap_i64 (local.get $s))))
        (call $return (call $write
          (i32.wrap_i64 (i64.shr_u (local.get $s) (i64.const 32))) (i32.const 0) (local.get $n)))
        (i32.const 0))
      (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
    (core instance $i (instantiate $m (with "" (instance
      (export "f" (func $f-lowered)) (export "return" (func $return)) (export "new" (func $new)) (export "write" (func $write))))))
    (func (export "run") async (param "n" u32) (result u32)
      (canon lift (core func $i "run") async (callback (core func $i "callback")))))
  (instance $r (instantiate $reader))
  (instance $w (instantiate $writer (with "f" (func $r "f"))))
  (export "run" (func $w "run")))`;

const copied = (count: number) => count << 4;

describe("values of a stream between components", () => {
  it("that are moved one by one cost fuel", async () => {
    const { exports } = await start("suspending", copying("bool"));
    assert.equal(await exports["run"]!(2_000_000), copied(2_000_000));
    await traps(
      () => exports["run"]!(4_000_000),
      [
        "host",
        "too much data is being copied between the host and the guest: fuel allocated for hostcalls has been exhausted",
      ],
    );
  });

  it("that are copied at once cost none", async () => {
    const { exports } = await start("suspending", copying("u8"));
    assert.equal(await exports["run"]!(4_000_000), copied(4_000_000));
  });
});
