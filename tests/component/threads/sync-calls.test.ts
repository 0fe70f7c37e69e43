/** Calls of functions of no async type that wait: threads of their instance go on meanwhile, and nobody else (`canon_lift`). */
import assert from "node:assert/strict";
import { describe } from "node:test";
import { call, drop, get, i32, lift, liftWithCallback, locals, log, start, traps, type Wait } from "../async/guest.ts";
import { itSwitches, later, make, suspend, switchTo, tableOfThreads, threaded, wakeMain, yields } from "./guest.ts";

const synchronous = ["engine", "cannot block a synchronous task before returning"] as const;
const logs = log(get("x"));

describe("a function of no async type", () => {
  tableOfThreads(
    [
      [
        "waits while another thread can go on",
        [`${logs} ${wakeMain} ${logs}`],
        `${later(make(0, 3))} ${log(i32(1))} ${suspend} ${log(i32(2))}`,
        [1, 3, 3, 2],
      ],
      [
        "hands over to a thread, and gets it back",
        [`${logs} ${switchTo("suspend-then-resume", "(global.get $main)")}`],
        `${switchTo("suspend-then-resume", make(0, 3))} ${log(i32(2))}`,
        [3, 2],
      ],
      ["makes way for threads", [logs], `${later(make(0, 3))} ${yields} ${log(i32(2))}`, [3, 2]],
      ["makes way for nobody", [], `${yields} ${log(i32(2))}`, [2]],
      ["leaves threads behind", [logs], `${later(make(0, 3))} ${log(i32(2))}`, [2]],
      [
        "waits for what a thread brings about",
        [`${drop(call("unit.write", "x", 0))} ${logs}`],
        `(local.set $pair (call $unit.new))
          ${later(make(0, "(i32.wrap_i64 (i64.shr_u (local.get $pair) (i64.const 32)))"))}
          ${log(call("unit.read-sync", "(i32.wrap_i64 (local.get $pair))", 0))}`,
        [2, 0],
      ],
      [
        "goes on while threads make way for each other",
        [`(loop $again ${yields} (br_if $again (i32.eqz (global.get $n)))) ${wakeMain}`, `(global.set $n ${i32(1)})`],
        `${later(make(0))} ${later(make(1))} ${suspend} ${log(i32(2))}`,
        [2],
      ],
      ["must not wait alone", [], suspend, synchronous],
      ["must not wait for threads that are suspended", [suspend], `${later(make(0))} ${suspend}`, synchronous],
      ["must not wait for threads that end", [logs], `${later(make(0, 1))} ${suspend}`, synchronous],
      ["must not wait for its host", [], drop("(call $later-sync (i32.const 0))"), synchronous],
      [
        "must not wait for threads that wait for its host",
        [`${drop("(call $later-sync (i32.const 0))")} ${wakeMain}`],
        `${later(make(0))} ${suspend}`,
        synchronous,
      ],
      ["resumes no thread of index 0", [], switchTo("suspend-then-resume", i32(0)), ["host", "unknown handle index 0"]],
    ],
    "",
  );
});

/** Two instances that have threads, of which the outer one's `run` may call `$f-lowered`, the function of the inner one. */
function nested(inner: string, threads: readonly string[], outer: string, outerThreads = [""]): string {
  const body = (code: string) => `${locals} (global.set $main ${call("index")}) ${code}`;
  const given =
    '(import "log" (func $log (param "n" u32))) (import "later" (func $later-host async (param "ms" u32) (result u32)))';
  const args = '(with "log" (func $log)) (with "later" (func $later-host))';
  const callee = threaded(threads, { code: `(func (export "f") ${body(inner)})`, exports: lift("f", "") });
  const caller = threaded(outerThreads, {
    imports: '(import "f" (func $f))',
    funcs: { "f-lowered": ["", "lower (func $f)"] },
    code: `(func (export "run") ${body(outer)}) (func (export "late") ${yields})`,
    exports: `${lift("run", "")} ${lift("late", "async")}`,
  });
  return `(component ${given}
    (component $A ${definitionsOf(callee)})
    (instance $a (instantiate $A ${args}))
    (component $B ${definitionsOf(caller)})
    (instance $b (instantiate $B ${args} (with "f" (func $a "f"))))
    (func (export "run") (alias export $b "run")) (func (export "late") (alias export $b "late")))`;
}

/** The definitions of a component that is written as one of its own. */
function definitionsOf(component: string): string {
  return component.slice("(component".length, component.lastIndexOf(")"));
}

const runs = async (wait: Wait, text: string): Promise<readonly number[]> => {
  const { exports, logged } = await start(wait, text);
  await exports["run"]!();
  return logged;
};

describe("a call from one instance into another", () => {
  itSwitches("waits with the threads of its own instance alone", async (wait) => {
    const text = nested(
      `${later(make(0, 2))} ${log(i32(1))} ${suspend} ${log(i32(3))}`,
      [`${logs} ${wakeMain}`],
      `${later(make(0, 8))} (call $f-lowered) ${log(i32(4))} ${yields}`,
      [logs],
    );
    assert.deepEqual(await runs(wait, text), [1, 2, 3, 4, 8]);
  });

  itSwitches("does not go on with its caller's", async (wait) => {
    const text = nested(suspend, [""], `${later(make(0, 8))} (call $f-lowered)`, [logs]);
    const { exports, logged } = await start(wait, text);
    await traps(() => exports["run"]!(), synchronous);
    assert.deepEqual(logged, []);
  });

  itSwitches("is made by a thread that goes on within another", async (wait) => {
    const text = nested(
      `${later(make(0, 2))} ${suspend} ${log(i32(3))}`,
      [`${logs} ${wakeMain}`],
      `${later(make(0, 8))} ${later(make(1, 9))} ${suspend} ${log(i32(4))}`,
      [`${logs} (call $f-lowered) ${wakeMain}`, logs],
    );
    assert.deepEqual(await runs(wait, text), [8, 2, 3, 9, 4]);
  });

  itSwitches("has indices of its own", async (wait) => {
    const text = nested(
      `${log(call("index"))} ${log(make(0))}`,
      [""],
      `${log(call("index"))} ${log(make(0))} (call $f-lowered) ${log(make(0))}`,
    );
    assert.deepEqual(await runs(wait, text), [1, 2, 1, 2, 3]);
  });

  itSwitches("cannot resume its caller's threads", async (wait) => {
    const text = nested(later(i32(2)), [""], `${drop(make(0))} (call $f-lowered)`);
    const { exports } = await start(wait, text);
    await traps(() => exports["run"]!(), ["host", "unknown handle index 2"]);
  });

  itSwitches("leaves threads that go on when others are called", async (wait) => {
    const text = nested(later(make(0, 2)), [logs], `(call $f-lowered) ${log(i32(4))}`);
    const { exports, logged } = await start(wait, text);
    await exports["run"]!();
    await exports["late"]!();
    assert.deepEqual(logged, [4, 2]);
  });
});

describe("a function of no async type, beside tasks", () => {
  const parts = {
    imports: "",
    code: `
      (func (export "make") (global.set $n ${make(0, 7)}))
      (func (export "arm") (result i32) (call $return ${i32(1)}) ${i32(1)})
      (func (export "arm-back") (param i32 i32 i32) (result i32)
        (if (global.get $busy) (then ${log(i32(99))})) ${i32(0)})
      (global $busy (mut i32) (i32.const 0))
      (func (export "run") (global.set $busy ${i32(1)}) (global.set $main ${call("index")})
        ${switchTo("suspend-then-resume", "(global.get $n)")} ${log(i32(2))} (global.set $busy ${i32(0)}))
      (func (export "block") (global.set $busy ${i32(1)}) ${suspend})`,
    exports: `${lift("make", "")} ${lift("run", "")} ${lift("block", "")} ${liftWithCallback("arm", "(result u32)")}`,
  };
  const text = threaded([`${logs} ${wakeMain} ${suspend}`], parts);

  itSwitches(
    "goes on with threads that other calls have made, and never with tasks that return to wait",
    async (wait) => {
      const { exports, logged } = await start(wait, text);
      await exports["make"]!();
      assert.equal(await exports["arm"]!(), 1);
      assert.equal(await exports["arm"]!(), 1);
      await exports["run"]!();
      assert.deepEqual(logged, [7, 2]);
    },
  );

  itSwitches("must not wait while only such can go on", async (wait) => {
    const { exports, logged } = await start(wait, text);
    await exports["arm"]!();
    await traps(() => exports["block"]!(), synchronous);
    assert.deepEqual(logged, []);
  });
});

describe("a start function", () => {
  const started = (code: string, threads = [logs]) =>
    threaded(threads, {
      code: `(func $go (global.set $main ${call("index")}) ${code}) (start $go)
        (func (export "run") ${log(call("index"))} ${later(i32(2))} ${yields})`,
      exports: lift("run", ""),
    });

  itSwitches("makes threads, which others resume", async (wait) => {
    const text = started(`${log(call("index"))} ${log(make(0, 5))}`);
    assert.deepEqual(await runs(wait, text), [1, 2, 1, 5]);
  });

  itSwitches("must not wait alone", async (wait) => {
    await traps(() => start(wait, started(suspend)), synchronous);
  });

  itSwitches("waits for its threads", async (wait) => {
    const text = started(`${later(make(0, 9))} ${suspend} ${log(i32(4))}`, [`${logs} ${wakeMain} ${suspend}`]);
    const { logged } = await start(wait, text);
    assert.deepEqual(logged, [9, 4]);
  });
});

describe("a destructor", () => {
  const droppedBy = (thread: string, code: string, run: string) =>
    threaded([thread], {
      imports: `(core module $d (table (export "d") 1 funcref) (type $r (func (param i32)))
          (func (export "end") (param i32) (call_indirect (type $r) (local.get 0) (i32.const 0))))
        (core instance $d (instantiate $d))
        (type $thing (resource (rep i32) (dtor (core func $d "end"))))`,
      funcs: {
        "thing.new": ["(param i32) (result i32)", "resource.new $thing"],
        "thing.drop": ["(param i32)", "resource.drop $thing"],
      },
      core: { imports: '(import "d" "d" (table $d 1 funcref))', args: '(with "d" (instance $d))' },
      code: `(func $end (param $x i32) ${code})
        (elem (table $d) (i32.const 0) func $end)
        (func (export "run") ${run})`,
      exports: lift("run", ""),
    });
  const text = (code: string) =>
    droppedBy(
      `${logs} ${wakeMain}`,
      `(global.set $main ${call("index")}) ${code}`,
      `${drop(make(0, 3))} (call $thing.drop (call $thing.new ${i32(6)})) ${log(i32(4))}`,
    );

  itSwitches("waits for threads", async (wait) => {
    assert.deepEqual(await runs(wait, text(`${later(i32(2))} ${suspend} ${logs}`)), [3, 6, 4]);
  });

  itSwitches("must not wait alone", async (wait) => {
    const { exports } = await start(wait, text(suspend));
    await traps(() => exports["run"]!(), synchronous);
  });

  itSwitches("that waits alone ends the call that has gone on within it, and returned", async (wait) => {
    const dropped = `(global.set $main ${call("index")}) ${later(make(0, 9))} ${suspend} ${log(i32(5))}`;
    const { exports, logged } = await start(
      wait,
      droppedBy("(call $thing.drop (call $thing.new (i32.const 6)))", `${wakeMain} ${suspend}`, dropped),
    );
    await traps(() => exports["run"]!(), synchronous);
    assert.deepEqual(logged, [5]);
  });
});
