/** Tasks that have threads: what they return, how they end, how they are cancelled, and what they may have of their host. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Trap } from "../../../src/core/wait/errors.ts";
import { LinkError } from "../../../src/wasm/errors.ts";
import {
  call,
  get,
  hostFor,
  i32,
  later as laterHost,
  lift,
  liftWithCallback,
  locals,
  log,
  start,
  traps,
} from "../async/guest.ts";
import { itSwitches, later, make, suspend, switchingWaits, switchTo, threaded, wakeMain, yields } from "./guest.ts";

const noResult = ["engine", "async-lifted export failed to produce a result"] as const;
const logs = log(get("x"));
const returns = call("return", "x");
const sets = `(global.set $main ${call("index")})`;

/** One that is lifted with `async`, and so returns with `task.return`: stackful, or with a callback. */
const stackful = (code: string) => `(func (export "run") ${locals} ${sets} ${code})`;
const liftStackful = lift("run", "async (result u32)", "async");
const calledBack = (code: string, back = i32(0)) =>
  `(func (export "run") (result i32) ${locals} ${sets} ${code}) (func (export "run-back") (param i32 i32 i32) (result i32) ${back})`;
const liftCalledBack = liftWithCallback("run", "(result u32)");

describe("a task", () => {
  const kinds = [
    ["without a callback", stackful, liftStackful, ""],
    ["with a callback", calledBack, liftCalledBack, i32(0)],
  ] as const;
  for (const [kind, body, exports, exit] of kinds) {
    itSwitches(`${kind} returns by a thread`, async (wait) => {
      const text = threaded([returns], { code: body(`${switchTo("yield-then-resume", make(0, 6))} ${exit}`), exports });
      assert.equal(await (await start(wait, text)).exports["run"]!(), 6);
    });

    itSwitches(`${kind} goes on when its function has returned, until its last thread ends`, async (wait) => {
      const text = threaded([`${yields} ${yields} ${returns}`], {
        code: body(`${later(make(0, 6))} ${exit}`),
        exports,
      });
      assert.equal(await (await start(wait, text)).exports["run"]!(), 6);
    });

    itSwitches(`${kind} has returned before its last thread ends`, async (wait) => {
      const text = threaded([yields], { code: body(`${later(make(0))} ${later(make(0))} ${exit}`), exports });
      await traps((await start(wait, text)).exports["run"]!, noResult);
    });

    itSwitches(`${kind} does not end while a thread is suspended`, async (wait) => {
      const text = threaded([suspend], { code: body(`${later(make(0))} ${exit}`), exports });
      const deadlock = ["engine", "deadlock detected: event loop cannot make further progress"] as const;
      await traps((await start(wait, text)).exports["run"]!, deadlock);
    });

    itSwitches(`${kind} is ended by what a thread does`, async (wait) => {
      const code = body(`${later(make(0))} ${exit}`);
      const text = threaded(["(unreachable)"], {
        code: `${code} (func (export "other"))`,
        exports: exports + lift("other", ""),
      });
      const { exports: guest } = await start(wait, text);
      await assert.rejects(async () => guest["run"]!(), Trap);
      await traps(() => guest["other"]!(), ["engine", "cannot enter component instance"]);
    });
  }

  itSwitches("goes on with its threads between its callbacks", async (wait) => {
    const text = threaded([`${logs} ${yields} ${log(i32(8))}`], {
      code: calledBack(`${later(make(0, 7))} ${i32(1)}`, `${log(i32(1))} ${call("return", 5)} ${i32(0)}`),
      exports: liftCalledBack,
    });
    const { exports, logged } = await start(wait, text);
    assert.equal(await exports["run"]!(), 5);
    assert.deepEqual(logged, [7, 1]);
  });

  itSwitches("keeps others of its kind waiting while it is suspended, but not its threads", async (wait) => {
    const text = threaded([`${logs} ${yields} ${logs} ${wakeMain}`], {
      code: `${calledBack(`${later(make(0, 7))} ${suspend} ${log(i32(1))} ${call("return", 5)} ${i32(0)}`)}
        (func (export "other") (result i32) ${log(i32(2))} ${call("return", 6)} ${i32(0)})`,
      exports: `${liftCalledBack} ${liftWithCallback("other", "(result u32)", "run-back")}`,
    });
    const { exports, logged } = await start(wait, text);
    assert.deepEqual(await Promise.all([exports["run"]!(), exports["other"]!()]), [5, 6]);
    assert.deepEqual(logged, [7, 7, 1, 2]);
  });
});

describe("a host that calls while threads are suspended", () => {
  const text = threaded([`${logs} ${returns} ${suspend} ${log(i32(8))}`], {
    code: `${stackful(`(global.set $n ${make(0, 7)}) ${later("(global.get $n)")}`)}
      (func (export "wake") ${later("(global.get $n)")}) (func (export "wait") ${yields})
      (func (export "sync") ${switchTo("yield-then-resume", "(global.get $n)")})`,
    exports: `${liftStackful} ${lift("wake", "")} ${lift("wait", "async")} ${lift("sync", "")}`,
  });

  itSwitches("resumes them", async (wait) => {
    const { exports, logged } = await start(wait, text);
    assert.equal(await exports["run"]!(), 7);
    await exports["wake"]!();
    await exports["wait"]!();
    assert.deepEqual(logged, [7, 8]);
    await traps(() => exports["wake"]!(), ["host", "unknown handle index 2"]);
  });

  itSwitches("resumes them within its call", async (wait) => {
    const { exports, logged } = await start(wait, text);
    await exports["run"]!();
    await exports["sync"]!();
    assert.deepEqual(logged, [7, 8]);
  });
});

/** A component that calls `f` of another, with `async`, and then does `code`, of which `$t` is the subtask. */
function calling(callee: string, code: string): string {
  const given =
    '(import "log" (func $log (param "n" u32))) (import "later" (func $later-host async (param "ms" u32) (result u32)))';
  const args = '(with "log" (func $log)) (with "later" (func $later-host))';
  const definitions = (text: string) => text.slice("(component".length, text.lastIndexOf(")"));
  const caller = threaded([""], {
    imports: '(import "f" (func $f async (result u32)))',
    funcs: { "f-lowered": ["(param i32) (result i32)", 'lower (func $f) async (memory (core memory $l "memory"))'] },
    code: `(func (export "run") ${locals} (local.set $t (call $f-lowered ${i32(64)}))
      ${log(`(i32.and ${get("t")} ${i32(15)})`)} (local.set $t (i32.shr_u ${get("t")} ${i32(4)})) ${code})`,
    exports: lift("run", "async"),
  });
  return `(component ${given}
    (component $A ${definitions(callee)}) (instance $a (instantiate $A ${args}))
    (component $B ${definitions(caller)}) (instance $b (instantiate $B ${args} (with "f" (func $a "run"))))
    (func (export "run") (alias export $b "run")))`;
}

const [STARTED, RETURNED, CANCELLED] = [1, 2, 4];

describe("a call of another component", () => {
  itSwitches("returns at once if a thread that has its place does", async (wait) => {
    const callee = threaded([`${returns} ${wakeMain}`], {
      code: stackful(switchTo("suspend-then-resume", make(0, 6))),
      exports: liftStackful,
    });
    const { exports, logged } = await start(wait, calling(callee, log(`(i32.load ${i32(64)})`)));
    await exports["run"]!();
    assert.deepEqual(logged, [RETURNED, 6]);
  });

  itSwitches("goes on when the thread in its place waits", async (wait) => {
    const callee = threaded([`${yields} ${returns} ${wakeMain}`], {
      code: stackful(`${switchTo("suspend-then-resume", make(0, 6))} ${log(i32(9))}`),
      exports: liftStackful,
    });
    const { exports, logged } = await start(
      wait,
      calling(callee, `${yields} ${yields} ${log(`(i32.load ${i32(64)})`)}`),
    );
    await exports["run"]!();
    assert.deepEqual(logged, [STARTED, 9, 6]);
  });

  itSwitches("is told that it is cancelled where it returns to wait, not in its threads", async (wait) => {
    const callee = threaded([logs], {
      code: calledBack(
        `(global.set $n ${make(0, 7)})
          (i32.or ${i32(2)} (i32.shl ${call("set.new")} ${i32(4)}))`,
        `${log("(local.get 0)")} ${later("(global.get $n)")} ${call("task.cancel")} ${i32(0)}`,
      ),
      exports: liftCalledBack,
    });
    const { exports, logged } = await start(
      wait,
      calling(callee, `${log(call("subtask.cancel", "t"))} ${yields} ${yields}`),
    );
    await exports["run"]!();
    assert.deepEqual(logged, [STARTED, 6, CANCELLED, 7]);
  });

  itSwitches("is said to be cancelled by a thread", async (wait) => {
    const callee = threaded([call("task.cancel")], {
      code: calledBack(`(i32.or ${i32(2)} (i32.shl ${call("set.new")} ${i32(4)}))`, `${later(make(0))} ${i32(0)}`),
      exports: liftCalledBack,
    });
    const { exports, logged } = await start(wait, calling(callee, log(call("subtask.cancel", "t"))));
    await exports["run"]!();
    assert.deepEqual(logged, [STARTED, CANCELLED]);
  });

  itSwitches("is told it when its function, which is suspended, has returned to wait", async (wait) => {
    const callee = threaded([wakeMain], {
      code: calledBack(
        `${later(make(0))} ${suspend} ${i32(1)}`,
        `${log("(local.get 0)")} ${call("task.cancel")} ${i32(0)}`,
      ),
      exports: liftCalledBack,
    });
    const { exports, logged } = await start(wait, calling(callee, log(call("subtask.cancel", "t"))));
    await exports["run"]!();
    assert.deepEqual(logged, [STARTED, 6, CANCELLED]);
  });
});

/** Makes `$n` threads of the argument's number that wait, and ends them, `$s` times. */
const many = `(func (export "make") (param $count i32)
    (loop $again ${switchTo("yield-then-resume", make(0))}
      (local.set $count (i32.sub (local.get $count) ${i32(1)})) (br_if $again (local.get $count))))`;

describe("what threads count for", () => {
  const exports = lift("make", 'async (param "count" u32)');
  const full = ["host", "resource table has no free keys"] as const;

  itSwitches("is two resources each", async (wait) => {
    const text = threaded([suspend], { code: many, exports });
    // a task has three
    const options = { maxResources: 3 + 2 * 20 };
    await (await start(wait, text, {}, options)).exports["make"]!(20);
    await traps(async () => (await start(wait, text, {}, options)).exports["make"]!(21), full);
  });

  itSwitches("is one handle each", async (wait) => {
    const text = threaded([suspend], { code: many, exports });
    const options = { maxComponentHandles: 21 };
    await (await start(wait, text, {}, options)).exports["make"]!(20);
    const handles = ["host", "cannot allocate another handle: store handle limit exceeded"] as const;
    await traps(async () => (await start(wait, text, {}, options)).exports["make"]!(21), handles);
  });

  itSwitches("is nothing when they have ended", async (wait) => {
    const text = threaded([""], { code: many, exports });
    const { exports: guest } = await start(wait, text, {}, { maxResources: 5, maxComponentHandles: 2 });
    for (let i = 0; i < 3; i++) await guest["make"]!(100);
  });
});

describe("threads", () => {
  it("need stacks of their own", async () => {
    const text = threaded([""], { code: '(func (export "run"))', exports: lift("run", "") });
    await assert.rejects(start("blocking", text), (error) => {
      assert.ok(error instanceof LinkError);
      assert.deepEqual(error.causes, [
        'it has threads, or components that wait for one another, so that stacks must be switched, which needs wait: "suspending"',
      ]);
      return true;
    });
  });

  for (const wait of switchingWaits) {
    it(`leave a host's clock and sockets their turns, however they go on (${wait})`, async () => {
      const text = threaded(
        [
          `(loop $again ${switchTo("suspend-then-resume", "(global.get $main)")} (br $again))`,
          `(drop (call $later-sync ${i32(3)})) (global.set $n ${i32(1)})`,
        ],
        {
          code: `(func (export "run") ${locals} ${sets} ${later(make(1))} ${yields} (local.set $t ${make(0)})
            (loop $again ${switchTo("suspend-then-resume", "t")} (local.set $n (i32.add ${get("n")} ${i32(1)}))
              (if (i32.eqz (i32.rem_u ${get("n")} ${i32(1000)})) (then ${yields})) (br_if $again (i32.eqz (global.get $n)))))`,
          exports: lift("run", "async"),
        },
      );
      const { exports } = await start(wait, text, { later: laterHost(await hostFor(wait)) });
      await exports["run"]!();
    });
  }

  itSwitches("begin by the thousand", async (wait) => {
    const text = threaded([`(global.set $n (i32.add (global.get $n) ${i32(1)}))`], {
      code: `(func (export "run") (param $count i32) (result i32)
        (loop $again ${later(make(0))} (local.set $count (i32.sub (local.get $count) ${i32(1)}))
          (br_if $again (local.get $count))) ${yields} (global.get $n))`,
      exports: lift("run", 'async (param "count" u32) (result u32)'),
    });
    const { exports } = await start(wait, text);
    assert.equal(await exports["run"]!(5000), 5000);
  });
});
