/** Guests one after another in one instance: that nothing crosses from one to the next, and that each finds what the first has found. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseComponent } from "../../../src/component/binary/parse.ts";
import type { HostImports } from "../../../src/component/host.ts";
import { CompiledComponent } from "../../../src/component/link/compiled.ts";
import { type ComponentInstance, linkComponent } from "../../../src/component/link/instantiate.ts";
import { loadAsyncSupport } from "../../../src/component/link/load-async-support.ts";
import { resetting } from "../../../src/component/link/resetting.ts";
import { suspending } from "../../../src/component/link/suspending.ts";
import { Condition } from "../../../src/core/wait/condition.ts";
import { runAsync } from "../../../src/core/wait/steps.ts";
import { SuspendingPoll } from "../../../src/core/wait/suspending-poll.ts";
import { createSuspendingMachine } from "../../../src/library/machine.ts";
import { ioPoll } from "../../../src/wasi/p2/io/poll.ts";
import { Pollable } from "../../../src/wasi/p2/io/pollable.ts";
import { binary, libc } from "../text.ts";

type Exports = Readonly<Record<string, (...args: unknown[]) => Promise<unknown>>>;

/** Makes instances of a component. */
async function maker(text: string, imports: HostImports = {}): Promise<() => Promise<ComponentInstance>> {
  const file = parseComponent(await binary(text));
  const asyncSupport = await loadAsyncSupport(file);
  const component = new CompiledComponent(file, { suspending, asyncSupport, resetting });
  const poll = new SuspendingPoll(await createSuspendingMachine());
  return () => runAsync(linkComponent(component, imports, { promises: "all", poll }));
}

const exportsOf = ({ exports }: ComponentInstance) => exports as Exports;

/** A component of one core module, whose functions are of no parameters and answer an i32. */
const lifted = (module: string, names: readonly string[]) => `(component
  (core module $main ${module})
  (core instance $m (instantiate $main))
  ${names.map((name) => `(func (export "${name}") (result u32) (canon lift (core func $m "${name}")))`).join("\n")})`;

/**
 * Counts in a memory that has data, in one that is exported, and in globals; `ask` calls the host through a table, which may wait.
 */
const counting = `(component
  (import "host" (func $host (result u32)))
  (core module $shim
    (table (export "$imports") 1 1 funcref)
    (type $ask (func (result i32)))
    (func (export "0") (result i32) (call_indirect (type $ask) (i32.const 0))))
  (core module $main
    (import "shim" "0" (func $ask (result i32)))
    (memory (export "memory") 1 4)
    (global $n (mut i32) (i32.const 100))
    (global $wide (mut i64) (i64.const 1000))
    (data (i32.const 8) "\\07")
    (func (export "add") (param i32) (result i32)
      (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (local.get 0)))
      (i32.store8 (i32.const 65535) (i32.add (i32.load8_u (i32.const 65535)) (i32.const 1)))
      (i32.store8 (i32.const 8) (i32.add (i32.load8_u (i32.const 8)) (i32.const 1)))
      (global.set $n (i32.add (global.get $n) (i32.const 1)))
      (global.set $wide (i64.add (global.get $wide) (i64.const 1)))
      (i32.add (i32.add (i32.load (i32.const 0)) (i32.load8_u (i32.const 8)))
        (i32.add (i32.load8_u (i32.const 65535)) (i32.add (global.get $n) (i32.wrap_i64 (global.get $wide))))))
    (func (export "ask") (result i32) (call $ask)))
  (core module $fixup
    (import "" "host" (func $host (result i32)))
    (import "" "$imports" (table 1 1 funcref))
    (elem (i32.const 0) $host))
  (core func $host (canon lower (func $host)))
  (core instance $s (instantiate $shim))
  (core instance $m (instantiate $main (with "shim" (instance $s))))
  (alias core export $s "$imports" (core table $t))
  (core instance (instantiate $fixup (with "" (instance (export "host" (func $host)) (export "$imports" (table $t))))))
  (func (export "add") (param "n" u32) (result u32) (canon lift (core func $m "add")))
  (func (export "ask") (result u32) (canon lift (core func $m "ask"))))`;

describe("an instance that is put back", () => {
  it("is as it was at first: memories, their data, globals", async () => {
    let asked = 0;
    const instance = await (await maker(counting, { host: async () => ++asked }))();
    const { add, ask } = exportsOf(instance);
    for (let guest = 0; guest < 5; guest++) {
      // 5, the data's 7 + 1, 1 at the memory's end, 101 and 1001
      assert.equal(await add!(5), 5 + 8 + 1 + 101 + 1001);
      assert.equal(await add!(1), 6 + 9 + 2 + 102 + 1002);
      assert.equal(await ask!(), guest + 1);
      assert.equal(instance.reset(), true);
    }
  });

  it("has behind it what its start function did", async () => {
    const module = `(memory 1) (global $n (mut i32) (i32.const 0))
      (func $s (global.set $n (i32.const 7)) (i32.store (i32.const 100) (i32.const 5)) (drop (memory.grow (i32.const 1))))
      (start $s)
      (func (export "run") (result i32)
        (global.set $n (i32.add (global.get $n) (i32.const 1)))
        (i32.store (i32.const 100) (i32.add (i32.load (i32.const 100)) (i32.const 1)))
        (i32.add (i32.mul (memory.size) (i32.const 100)) (i32.add (global.get $n) (i32.load (i32.const 100)))))`;
    const instance = await (await maker(lifted(module, ["run"])))();
    for (let guest = 0; guest < 3; guest++) {
      assert.equal(await exportsOf(instance)["run"]!(), 200 + 8 + 6);
      assert.equal(instance.reset(), true);
    }
  });

  it("has its first size again, when another has grown before it", async () => {
    const module = `(memory (export "memory") 1)
      (func (export "run") (result i32)
        (local $at i32)
        (local.set $at (i32.mul (memory.grow (i32.const 2)) (i32.const 65536)))
        (i32.store8 (local.get $at) (i32.add (i32.load8_u (local.get $at)) (i32.const 1)))
        (i32.add (i32.mul (memory.size) (i32.const 100)) (i32.load8_u (local.get $at))))`;
    const make = await maker(lifted(module, ["run"]));
    const first = await make();
    assert.equal(await exportsOf(first)["run"]!(), 301);
    assert.equal(first.reset(), false);
    const second = await make();
    for (let guest = 0; guest < 3; guest++) {
      assert.equal(await exportsOf(second)["run"]!(), 301);
      assert.equal(await exportsOf(second)["run"]!(), 501);
      assert.equal(second.reset(), true);
    }
  });

  it("has nothing of those beside it", async () => {
    const make = await maker(counting, { host: async () => 1 });
    const all = await Promise.all(Array.from({ length: 10 }, () => make()));
    for (let round = 0; round < 3; round++) {
      const added = await Promise.all(all.map((each, i) => exportsOf(each)["add"]!(i)));
      assert.deepEqual(
        added,
        all.map((_, i) => i + 8 + 1 + 101 + 1001),
      );
      for (const each of all) assert.equal(each.reset(), true);
    }
  });

  it("gives its handles anew, those that were left behind too", async () => {
    const text = `(component
      (import "r" (type $r (sub resource)))
      (import "make" (func $make (result (own $r))))
      (core func $made (canon lower (func $make)))
      (core module $main (import "" "make" (func $make (result i32))) (func (export "run") (result i32) (call $make)))
      (core instance $m (instantiate $main (with "" (instance (export "make" (func $made))))))
      (func (export "run") (result u32) (canon lift (core func $m "run"))))`;
    class R {}
    const instance = await (await maker(text, { r: R, make: () => new R() }))();
    const { run } = exportsOf(instance);
    for (let guest = 0; guest < 3; guest++) {
      assert.deepEqual([await run!(), await run!()], [1, 2]);
      assert.equal(instance.reset(), true);
    }
  });

  it("waits for what its own guest has, not for what another had under the same handle", async () => {
    const text = `(component
      (import "wasi:io/poll@0.2.0" (instance $io
        (export "pollable" (type $p (sub resource)))
        (export "poll" (func (param "in" (list (borrow $p))) (result (list u32))))))
      (alias export $io "pollable" (type $pollable))
      (import "after" (func $after (param "ms" u32) (result (own $pollable))))
      ${libc}
      (core func $poll (canon lower (func $io "poll") (memory (core memory $l "memory")) (realloc (core func $l "realloc"))))
      (core func $after (canon lower (func $after)))
      (core module $main
        (import "l" "memory" (memory 1))
        (import "" "poll" (func $poll (param i32 i32 i32)))
        (import "" "after" (func $after (param i32) (result i32)))
        (func (export "run") (param i32)
          (i32.store (i32.const 0) (call $after (local.get 0)))
          (call $poll (i32.const 0) (i32.const 1) (i32.const 8))))
      (core instance $m (instantiate $main (with "l" (instance $l)) (with "" (instance
        (export "poll" (func $poll)) (export "after" (func $after))))))
      (func (export "run") (param "ms" u32) (canon lift (core func $m "run"))))`;
    const poll = new SuspendingPoll(await createSuspendingMachine());
    const after = (ms: number) => new Pollable(Condition.timer(poll.now() + ms * 1e6), poll.now());
    const imports = { "wasi:io/poll@0.2.0": ioPoll({ poll }), after };
    const instance = await (await maker(text, imports))();
    for (const ms of [0, 30, 0, 20]) {
      const before = poll.now();
      await exportsOf(instance)["run"]!(ms);
      assert.ok(poll.now() - before >= ms * 1e6, `${ms} ms`);
      assert.equal(instance.reset(), true);
    }
  });

  it("has the tasks of component model async behind it", async () => {
    const text = `(component
      (core module $main
        (import "" "return" (func $return (param i32)))
        (global $n (mut i32) (i32.const 0))
        (func (export "run") (result i32)
          (global.set $n (i32.add (global.get $n) (i32.const 1)))
          (i32.const 1))
        (func (export "callback") (param i32 i32 i32) (result i32) (call $return (global.get $n)) (i32.const 0)))
      (core func $return (canon task.return (result u32)))
      (core instance $m (instantiate $main (with "" (instance (export "return" (func $return))))))
      (func (export "run") async (result u32)
        (canon lift (core func $m "run") async (callback (core func $m "callback")))))`;
    const instance = await (await maker(text))();
    for (let guest = 0; guest < 3; guest++) {
      assert.equal(await exportsOf(instance)["run"]!(), 1);
      await instance.finishTasks();
      assert.equal(instance.reset(), true);
    }
  });
});

describe("an instance that is not put back", () => {
  const modules: readonly [what: string, module: string][] = [
    [
      "a global has a NaN, whose bits JavaScript does not keep",
      '(global (mut f64) (f64.const nan:0x4000000001234)) (func (export "run") (result i32) (i32.const 1))',
    ],
    [
      "it may change a table",
      '(table 1 funcref) (func (export "run") (result i32) (table.set (i32.const 0) (ref.null func)) (i32.const 1))',
    ],
    ["its memory is large", '(memory 1025) (func (export "run") (result i32) (i32.const 1))'],
    [
      "it keeps a vector",
      '(global (mut v128) (v128.const i64x2 0 0)) (func (export "run") (result i32) (i32.const 1))',
    ],
  ];
  for (const [why, module] of modules) {
    it(why, async () => {
      const instance = await (await maker(lifted(module, ["run"])))();
      assert.equal(await exportsOf(instance)["run"]!(), 1);
      assert.equal(instance.reset(), false);
    });
  }

  it("its start function asks the host", async () => {
    const text = `(component
      (import "host" (func $host (result u32)))
      (core func $asked (canon lower (func $host)))
      (core module $main
        (import "" "host" (func $host (result i32)))
        (global $n (mut i32) (i32.const 0))
        (func $s (global.set $n (call $host)))
        (start $s)
        (func (export "run") (result i32) (global.get $n)))
      (core instance $m (instantiate $main (with "" (instance (export "host" (func $asked))))))
      (func (export "run") (result u32) (canon lift (core func $m "run"))))`;
    let asked = 0;
    const make = await maker(text, { host: () => ++asked });
    for (let guest = 1; guest <= 3; guest++) {
      const instance = await make();
      assert.equal(await exportsOf(instance)["run"]!(), guest);
      assert.equal(instance.reset(), false);
    }
  });

  it("it has trapped", async () => {
    const module = '(func (export "run") (result i32) unreachable)';
    const instance = await (await maker(lifted(module, ["run"])))();
    await assert.rejects(exportsOf(instance)["run"]!());
    assert.equal(instance.reset(), false);
  });

  it("a stream of it is left behind, which others may write to", async () => {
    const text = `(component
      (type $s (stream u8))
      (core module $main
        (import "" "new" (func $new (result i64)))
        (func (export "run") (result i32) (drop (call $new)) (i32.const 1)))
      (core func $new (canon stream.new $s))
      (core instance $m (instantiate $main (with "" (instance (export "new" (func $new))))))
      (func (export "run") (result u32) (canon lift (core func $m "run"))))`;
    const instance = await (await maker(text))();
    assert.equal(await exportsOf(instance)["run"]!(), 1);
    assert.equal(instance.reset(), false);
  });
});
