/** A component of two, of which one waits inside calls of the other, and the second call ends first: their stacks are switched. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { binary } from "../component/text.ts";
import { Temporary } from "../core/files/tree.ts";
import { run, waitingHosts } from "./host.ts";

const ms = 1_000_000;
const clock =
  '(import "wasi:clocks/monotonic-clock@0.3.0" (instance $clock (export "wait-for" (func async (param "how-long" u64)))))';
/** Waits as long as it is told, and returns that. */
const sleeper = `(component $sleeper
  ${clock}
  (core func $wait-for (canon lower (func $clock "wait-for")))
  (core func $return (canon task.return (result u64)))
  (core module $m
    (import "" "wait-for" (func $wait-for (param i64)))
    (import "" "return" (func $return (param i64)))
    (func (export "sleep") (param i64) (call $wait-for (local.get 0)) (call $return (local.get 0))))
  (core instance $m (instantiate $m (with "" (instance (export "wait-for" (func $wait-for)) (export "return" (func $return))))))
  (func (export "sleep") async (param "ns" u64) (result u64) (canon lift (core func $m "sleep") async)))`;
/** Its run fails unless the shorter of two sleeps ends first, and both do. */
const command = `(component $command
  (import "sleep" (func $sleep async (param "ns" u64) (result u64)))
  (core module $libc (memory (export "memory") 1))
  (core instance $l (instantiate $libc))
  (core func $sleep (canon lower (func $sleep) async (memory (core memory $l "memory"))))
  (core func $set (canon waitable-set.new))
  (core func $join (canon waitable.join))
  (core func $wait (canon waitable-set.wait (memory (core memory $l "memory"))))
  (core module $m
    (import "l" "memory" (memory 1))
    (import "" "sleep" (func $sleep (param i64 i32) (result i32)))
    (import "" "set" (func $set (result i32)))
    (import "" "join" (func $join (param i32 i32)))
    (import "" "wait" (func $wait (param i32 i32) (result i32)))
    (func $begin (param $ns i64) (param $at i32) (param $set i32) (result i32)
      (local $subtask i32)
      (local.set $subtask (i32.shr_u (call $sleep (local.get $ns) (local.get $at)) (i32.const 4)))
      (call $join (local.get $subtask) (local.get $set))
      (local.get $subtask))
    (func $ends (param $subtask i32) (param $at i32) (param $ns i64) (param $set i32)
      (drop (call $wait (local.get $set) (i32.const 64)))
      (if (i32.ne (i32.load (i32.const 64)) (local.get $subtask)) (then unreachable))
      (if (i64.ne (i64.load (local.get $at)) (local.get $ns)) (then unreachable)))
    (func (export "run") (result i32)
      (local $set i32) (local $long i32) (local $short i32)
      (local.set $set (call $set))
      (local.set $long (call $begin (i64.const ${200 * ms}) (i32.const 8) (local.get $set)))
      (local.set $short (call $begin (i64.const ${20 * ms}) (i32.const 16) (local.get $set)))
      (call $ends (local.get $short) (i32.const 16) (i64.const ${20 * ms}) (local.get $set))
      (call $ends (local.get $long) (i32.const 8) (i64.const ${200 * ms}) (local.get $set))
      (i32.const 0)))
  (core instance $m (instantiate $m (with "l" (instance $l)) (with "" (instance
    (export "sleep" (func $sleep)) (export "set" (func $set)) (export "join" (func $join)) (export "wait" (func $wait))))))
  (func (export "run") async (result (result)) (canon lift (core func $m "run"))))`;
const text = `(component
  ${clock}
  ${sleeper}
  ${command}
  (instance $s (instantiate $sleeper (with "wasi:clocks/monotonic-clock@0.3.0" (instance $clock))))
  (instance $c (instantiate $command (with "sleep" (func $s "sleep"))))
  (instance $run (export "run" (func $c "run")))
  (export "wasi:cli/run@0.3.0" (instance $run)))`;

describe("calls between components that end out of order", () => {
  const built = new Temporary();
  after(() => built[Symbol.dispose]());
  const guest = join(built.path, "composition.wasm");
  before(async () => writeFileSync(guest, await binary(text)));

  for (const host of waitingHosts)
    it(host.name, { skip: host.skip }, async () => {
      const { status, stderr } = await run(host, guest);
      assert.deepEqual([status, stderr], [0, ""]);
    });
});
