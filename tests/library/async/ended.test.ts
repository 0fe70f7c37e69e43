/** What a program and its component still wait for when it is over: each is told, once. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { instantiate } from "../../../src/index.ts";
import { binary } from "../../component/text.ts";

/** More calls than are begun in one turn. */
const MANY = 200;

/** Calls `work` so often, and gives each up. */
const gives = `(component
  (import "work" (func $work async))
  (canon lower (func $work) async (core func $begin))
  (canon subtask.cancel (core func $cancel))
  (canon subtask.drop (core func $drop))
  (canon task.return (result u32) (core func $return))
  (core module $m
    (import "" "begin" (func $begin (result i32)))
    (import "" "cancel" (func $cancel (param i32) (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (import "" "return" (func $return (param i32)))
    (memory 1)
    (func (export "run") (param $n i32) (result i32) (local $i i32) (local $task i32)
      (loop $more
        (i32.store (i32.mul (local.get $i) (i32.const 4)) (i32.shr_u (call $begin) (i32.const 4)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $more (i32.lt_u (local.get $i) (local.get $n))))
      (loop $more
        (local.set $i (i32.sub (local.get $i) (i32.const 1)))
        (local.set $task (i32.load (i32.mul (local.get $i) (i32.const 4))))
        (drop (call $cancel (local.get $task)))
        (call $drop (local.get $task))
        (br_if $more (local.get $i)))
      (call $return (local.get $n))
      (i32.const 0))
    (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
  (core instance $i (instantiate $m (with "" (instance
    (export "begin" (func $begin)) (export "cancel" (func $cancel))
    (export "drop" (func $drop)) (export "return" (func $return))))))
  (func (export "run") async (param "n" u32) (result u32)
    (canon lift (core func $i "run") async (callback (core func $i "callback")))))`;

/** Writes bytes to a stream that it gives, one after the other. */
const counts = `(component
  (type $bytes (stream u8))
  (core module $libc (memory (export "memory") 1))
  (core instance $l (instantiate $libc))
  (canon stream.new $bytes (core func $new))
  (canon stream.write $bytes async (memory (core memory $l "memory")) (core func $write))
  (canon waitable-set.new (core func $set))
  (canon waitable.join (core func $join))
  (canon task.return (result $bytes) (core func $return))
  (core module $m
    (import "" "new" (func $new (result i64)))
    (import "" "write" (func $write (param i32 i32 i32) (result i32)))
    (import "" "set" (func $set (result i32)))
    (import "" "join" (func $join (param i32 i32)))
    (import "" "return" (func $return (param i32)))
    (func (export "run") (result i32) (local $pair i64) (local $w i32) (local $s i32)
      (local.set $pair (call $new))
      (local.set $w (i32.wrap_i64 (i64.shr_u (local.get $pair) (i64.const 32))))
      (call $return (i32.wrap_i64 (local.get $pair)))
      (drop (call $write (local.get $w) (i32.const 0) (i32.const 1)))
      (local.set $s (call $set))
      (call $join (local.get $w) (local.get $s))
      (i32.or (i32.const 2) (i32.shl (local.get $s) (i32.const 4))))
    (func (export "callback") (param i32 i32 i32) (result i32) (i32.const 1)))
  (core instance $i (instantiate $m (with "" (instance
    (export "new" (func $new)) (export "write" (func $write)) (export "set" (func $set))
    (export "join" (func $join)) (export "return" (func $return))))))
  (func (export "run") async (result $bytes)
    (canon lift (core func $i "run") async (callback (core func $i "callback")))))`;

describe("promises that a guest gives up", () => {
  for (const [how, settle] of [
    ["never settle", () => {}],
    ["reject later", (reject: (error: Error) => void) => void setImmediate(() => reject(new Error("late")))],
  ] as const) {
    it(`are disposed of, those too that were not begun to be waited for, if they ${how}`, async () => {
      let disposed = 0;
      const work = () => {
        const promise = new Promise<void>((_, reject) => settle(reject));
        return Object.assign(promise, { [Symbol.dispose]: () => void disposed++ });
      };
      const app = await instantiate<{ run(n: number): Promise<number> }>(await binary(gives), { work });
      assert.equal(await app.run(MANY), MANY);
      await new Promise((resolve) => setImmediate(resolve));
      // a rejection that nobody hears would end this process
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(disposed, MANY);
    });
  }
});

describe("a read of a stream whose instance is disposed of", () => {
  for (const ticks of [0, 1, 2, 5, 50]) {
    it(`rejects, ${ticks} turns after it began`, async () => {
      const app = await instantiate<{ run(): Promise<ReadableStream<Uint8Array>> }>(await binary(counts), {});
      const reader = (await app.run()).getReader();
      await reader.read();
      const read = assert.rejects(reader.read());
      for (let i = 0; i < ticks; i++) await undefined;
      await app[Symbol.asyncDispose]();
      await read;
    });
  }
});
