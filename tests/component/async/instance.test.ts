/** Who may run in an instance: backpressure, exclusivity, entering and leaving it, and that nothing runs after a trap. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type CoreFuncs,
  call,
  component,
  drop,
  type Expected,
  i32,
  itWaits,
  laterFuncs,
  laterImport,
  lift,
  liftWithCallback,
  locals,
  log,
  type Parts,
  pair,
  start,
  traps,
} from "./guest.ts";
import { EXIT, ignored, YIELD } from "./words.ts";

const returned = call("return", 0);
const number = "(result u32)";
const cannotEnter: Expected = ["engine", "cannot enter component instance"];
const cannotLeave: Expected = ["engine", "cannot leave component instance"];
const cannotBlock: Expected = ["engine", "cannot block a synchronous task before returning"];

/** Functions by name: a callback lift, whose callback is what follows `=>`, or else a lift without async. */
interface Funcs {
  readonly [name: string]: { readonly type?: string; readonly code: string; readonly back?: string };
}

function guest(funcs: Funcs, parts: Partial<Parts> = {}): string {
  const entries = Object.entries(funcs);
  return component({
    imports: `${laterImport} ${parts.imports ?? ""}`,
    funcs: { ...laterFuncs, ...parts.funcs },
    code: `${parts.code ?? ""} ${entries
      .map(([name, { type = "", code, back }]) =>
        back === undefined
          ? `(func (export "${name}") ${type.includes("result") ? "(result i32)" : ""} ${locals} ${code})`
          : `(func (export "${name}") (result i32) ${locals} ${code})
             (func (export "${name}-back") (param i32 i32 i32) (result i32) ${locals} ${back})`,
      )
      .join("\n")}`,
    exports: `${parts.exports ?? ""} ${entries
      .map(([name, { type = "", back }]) => (back === undefined ? lift(name, type) : liftWithCallback(name, number)))
      .join("\n")}`,
  });
}

/** Begins `later` and waits for it, having returned. */
const afterwards = (
  ms: number,
) => `${returned} ${ignored("later", ms, 512)} (local.set $s ${call("set.new")}) ${call("join", 1, "s")}
  (i32.or ${i32(2)} (i32.shl (local.get $s) ${i32(4)}))`;

describe("backpressure", () => {
  const release = {
    code: `${call("pressure.inc")} ${afterwards(1)}`,
    back: `${log(i32(1))} ${call("pressure.dec")} ${EXIT}`,
  };
  for (const [name, type, back] of [
    ["a callback lift", "async", EXIT],
    ["an async function lifted without async", "async", undefined],
  ] as const) {
    itWaits(`keeps ${name} from starting`, async (wait) => {
      const other =
        back === undefined ? { type, code: log(i32(2)) } : { code: `${log(i32(2))} ${returned} ${EXIT}`, back };
      const { exports, logged } = await start(wait, guest({ release, other }));
      await exports["release"]!();
      await exports["other"]!();
      assert.deepEqual(logged, [1, 2]);
    });
  }

  itWaits("does not keep a function of no async type", async (wait) => {
    const { exports, logged } = await start(wait, guest({ release, other: { code: log(i32(2)) } }));
    await exports["release"]!();
    await exports["other"]!();
    assert.deepEqual(logged, [2]);
  });

  itWaits("for ever is told", async (wait) => {
    const funcs = { press: { code: call("pressure.inc") }, other: { code: `${returned} ${EXIT}`, back: EXIT } };
    const { exports } = await start(wait, guest(funcs));
    await exports["press"]!();
    await traps(() => exports["other"]!(), ["engine", "deadlock detected: event loop cannot make further progress"]);
  });

  it("of which another call may let go is waited for", async () => {
    const funcs = {
      press: { code: call("pressure.inc") },
      release: { code: call("pressure.dec") },
      other: { code: `${log(i32(2))} ${returned} ${EXIT}`, back: EXIT },
    };
    const { exports, logged } = await start("suspending", guest(funcs), {}, { waitGoal: "event" });
    await exports["press"]!();
    const other = exports["other"]!();
    // long after the scheduler has found that nothing can go on
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(logged, []);
    await exports["release"]!();
    await other;
    assert.deepEqual(logged, [2]);
  });

  itWaits("counts", async (wait) => {
    const twice = { code: `${call("pressure.inc")} ${call("pressure.inc")}` };
    const dec = { code: call("pressure.dec") };
    const other = { code: `${log(i32(2))} ${returned} ${EXIT}`, back: EXIT };
    const { exports, logged } = await start(wait, guest({ twice, dec, other }));
    await exports["twice"]!();
    await exports["dec"]!();
    await exports["dec"]!();
    await exports["other"]!();
    assert.deepEqual(logged, [2]);
    await traps(() => exports["dec"]!(), ["engine", "backpressure counter overflow"]);
  });

  itWaits("counts to 65535", async (wait) => {
    const inc = `(local.set $n ${i32(65535)}) (loop $more ${call("pressure.inc")}
        (br_if $more (local.tee $n (i32.sub (local.get $n) ${i32(1)}))))`;
    const { exports } = await start(wait, guest({ inc: { code: inc }, one: { code: call("pressure.inc") } }));
    await exports["inc"]!();
    await traps(() => exports["one"]!(), ["engine", "backpressure counter overflow"]);
  });

  it("lets those that waited in, in their order, before others", async () => {
    const funcs: Record<string, Funcs[string]> = { release };
    for (const n of [2, 3, 4]) funcs[`f${n}`] = { code: `${log(i32(n))} ${returned} ${EXIT}`, back: EXIT };
    const { exports, logged } = await start("suspending", guest(funcs));
    await exports["release"]!();
    await Promise.all([exports["f3"]!(), exports["f2"]!(), exports["f4"]!()]);
    assert.deepEqual(logged, [1, 3, 2, 4]);
  });
});

describe("a task that waits inside", () => {
  const background = { code: afterwards(1), back: `${log(i32(9))} ${EXIT}` };
  for (const [name, before, type, back, after] of [
    ["a callback lift", "", "", EXIT, `${returned} ${EXIT}`],
    ["a lift without async", "", "async", undefined, ""],
  ] as const) {
    itWaits(`keeps others from running: ${name}`, async (wait) => {
      const code = `${before} ${log(i32(1))} ${ignored("later-sync", 5)} ${log(i32(2))} ${after}`;
      const text = guest({ background, run: { type, code, ...(back === undefined ? {} : { back }) } });
      const { exports, logged } = await start(wait, text);
      await exports["background"]!();
      await exports["run"]!();
      assert.deepEqual(logged, [1, 2]);
    });
  }

  itWaits("lets those go on first that it kept", async (wait) => {
    const run = {
      code: `${log(i32(1))} ${ignored("later-sync", 5)} ${log(i32(2))} ${YIELD}`,
      back: `${log(i32(3))} ${returned} ${EXIT}`,
    };
    const { exports, logged } = await start(wait, guest({ background, run }));
    await exports["background"]!();
    await exports["run"]!();
    assert.deepEqual(logged, [1, 2, 9, 3]);
  });

  it("keeps others from starting", async () => {
    const wait1 = { code: `${log(i32(1))} ${ignored("later-sync", 3)} ${log(i32(2))} ${returned} ${EXIT}`, back: EXIT };
    const wait2 = { type: "async", code: `${log(i32(3))} ${ignored("later-sync", 1)} ${log(i32(4))}` };
    const plain = { type: "async", code: log(i32(5)) };
    const { exports, logged } = await start("suspending", guest({ wait1, wait2, plain }));
    await Promise.all([exports["wait1"]!(), exports["wait2"]!(), exports["plain"]!()]);
    assert.deepEqual(logged, [1, 2, 3, 4, 5]);
  });

  it("that has returned lets the next in", async () => {
    const funcs: Record<string, Funcs[string]> = {};
    for (const n of [1, 2, 3])
      funcs[`f${n}`] = { code: `${log(i32(n))} ${YIELD}`, back: `${log(i32(n + 10))} ${returned} ${EXIT}` };
    const { exports, logged } = await start("suspending", guest(funcs));
    await Promise.all([exports["f1"]!(), exports["f2"]!(), exports["f3"]!()]);
    assert.deepEqual(
      [...logged].sort((a, b) => a - b),
      [1, 2, 3, 11, 12, 13],
    );
    assert.deepEqual(
      logged.filter((n) => n < 10),
      [1, 2, 3],
    );
    assert.deepEqual(
      logged.filter((n) => n > 10),
      [11, 12, 13],
    );
  });

  it("lets functions of no async type in", async () => {
    const waits = { type: "async", code: `${log(i32(1))} ${ignored("later-sync", 3)} ${log(i32(2))}` };
    const { exports, logged } = await start("suspending", guest({ waits, plain: { code: log(i32(5)) } }));
    await Promise.all([exports["waits"]!(), exports["plain"]!()]);
    assert.deepEqual(logged, [1, 5, 2]);
  });
});

describe("an instance that runs", () => {
  const imported = { imports: '(import "f" (func $f-host))', funcs: { f: ["", "lower (func $f-host)"] } as CoreFuncs };
  const funcs: Funcs = {
    callback: { code: `${call("f")} ${returned} ${EXIT}`, back: EXIT },
    waiting: { type: "async", code: call("f") },
    plain: { code: call("f") },
  };
  for (const outer of Object.keys(funcs)) {
    for (const inner of Object.keys(funcs)) {
      itWaits(`is not entered: ${inner} out of ${outer}`, async (wait) => {
        let entered: unknown;
        const { exports } = await start(wait, guest(funcs, imported), {
          f: () => {
            entered = traps(() => exports[inner]!(), cannotEnter);
          },
        });
        await exports[outer]!();
        await entered;
        // it has heard nothing of that
        await exports[outer]!();
      });
    }
  }
});

/** Every built-in that leaves the instance, with arguments that are good enough to get that far. */
const leaving: readonly string[] = [
  call("set.new"),
  call("set.drop", 1),
  call("set.poll", 1, 8),
  call("set.wait", 1, 8),
  call("join", 1, 0),
  call("subtask.cancel", 1),
  call("subtask.drop", 1),
  call("yield"),
  call("task.cancel"),
  call("return", 1),
  ...["bytes", "number"].flatMap((of) => [
    call(`${of}.new`),
    call(`${of}.cancel-read`, 1),
    call(`${of}.cancel-write-async`, 1),
    call(`${of}.drop-readable`, 1),
    call(`${of}.drop-writable`, 1),
  ]),
  call("bytes.read", 1, 8, 1),
  call("bytes.write-sync", 1, 8, 1),
  call("number.read-sync", 1, 8),
  call("number.write", 1, 8),
  call("later", 1, 8),
  call("later-sync", 1),
  log(i32(1)),
];
const resultless = new Set(["set.drop", "join", "subtask.drop", "task.cancel", "return", "log"]);
const called = (text: string): string => {
  const name = /^\(call \$(\S+)/.exec(text)?.[1] ?? "";
  return resultless.has(name) || name.includes(".drop-") ? text : drop(text);
};

describe("what may not leave the instance", () => {
  for (const text of leaving) {
    it(`calls out of realloc: ${text}`, async () => {
      const made = guest(
        { other: { code: "" } },
        {
          code: `(func (export "realloc") (param i32 i32 i32 i32) (result i32) ${called(text)} ${i32(64)})
            (func (export "take") (param i32 i32))`,
          exports:
            '(func (export "take") (param "s" string) (canon lift (core func $m "take") (memory (core memory $l "memory")) (realloc (core func $m "realloc"))))',
        },
      );
      const { exports } = await start("blocking", made);
      await traps(() => exports["take"]!("abc"), cannotLeave);
      await traps(() => exports["other"]!(), cannotEnter);
    });
    it(`calls out of post-return: ${text}`, async () => {
      const made = guest(
        { other: { code: "" } },
        {
          code: `(func (export "give") (result i32) ${i32(7)}) (func (export "post") (param i32) ${called(text)})`,
          exports:
            '(func (export "give") async (result u32) (canon lift (core func $m "give") (post-return (core func $m "post"))))',
        },
      );
      const { exports } = await start("blocking", made);
      await traps(() => exports["give"]!(), cannotLeave);
      await traps(() => exports["other"]!(), cannotEnter);
    });
  }

  it("has its context, and presses", async () => {
    const allowed = `${drop(call("get.0"))} ${call("set.1", 5)} ${call("pressure.inc")} ${call("pressure.dec")}`;
    const made = guest(
      {},
      {
        code: `(func (export "realloc") (param i32 i32 i32 i32) (result i32) ${allowed} ${i32(64)})
          (func (export "take") (param i32 i32) ${log("(local.get 1)")})`,
        exports:
          '(func (export "take") (param "s" string) (canon lift (core func $m "take") (memory (core memory $l "memory")) (realloc (core func $m "realloc"))))',
      },
    );
    const { exports, logged } = await start("blocking", made);
    exports["take"]!("abc");
    assert.deepEqual(logged, [3]);
  });
});

/** What would wait, in a function that must not. */
const blocking: readonly [name: string, code: string][] = [
  ["for a set", `(local.set $s ${call("set.new")}) ${ignored("set.wait", "s", 8)}`],
  ["for a stream to be written", `${pair("bytes")} ${ignored("bytes.read-sync", "r", 64, 1)}`],
  ["for a stream to be read", `${pair("bytes")} ${ignored("bytes.write-sync", "w", 64, 1)}`],
  ["for a future to be written", `${pair("number")} ${ignored("number.read-sync", "r", 64)}`],
  ["for a future to be read", `${pair("number")} ${ignored("number.write-sync", "w", 64)}`],
  ["for a call", ignored("later-sync", 1)],
];

describe("what must return before it waits", () => {
  for (const [name, code] of blocking) {
    itWaits(`waits ${name}, in a function of no async type`, async (wait) => {
      const { exports } = await start(wait, guest({ run: { code } }));
      await traps(() => exports["run"]!(), cannotBlock);
    });
    itWaits(`waits ${name}, in a start function`, async (wait) => {
      await traps(
        () => start(wait, guest({}, { code: `(func $start ${locals} ${code}) (start $start)` })),
        cannotBlock,
      );
    });
    itWaits(`waits ${name}, in a destructor`, async (wait) => {
      const made = guest(
        { run: { type: "async", code: call("drop-it", call("new-it", 5)) } },
        {
          // a destructor is a function of a module that is there before the resource is
          imports: `(core module $Table (table (export "table") 1 funcref))
              (core instance $table (instantiate $Table))
              (core module $Dtor (import "" "table" (table 1 funcref)) (type $dtor (func (param i32)))
                (func (export "dtor") (param i32) (call_indirect (type $dtor) (local.get 0) ${i32(0)})))
              (core instance $dtor (instantiate $Dtor (with "" (instance $table))))
              (type $it (resource (rep i32) (dtor (core func $dtor "dtor"))))`,
          funcs: {
            "new-it": ["(param i32) (result i32)", "resource.new $it"],
            "drop-it": ["(param i32)", "resource.drop $it"],
          },
          code: `(func (export "dtor") (param i32) ${locals} ${code})`,
          exports: `(core module $Fill (import "" "table" (table 1 funcref)) (import "" "dtor" (func $dtor (param i32))) (elem (table 0) (offset ${i32(0)}) func $dtor))
              (alias core export $table "table" (core table $t)) (alias core export $m "dtor" (core func $d))
              (core instance (instantiate $Fill (with "" (instance (export "table" (table $t)) (export "dtor" (func $d))))))`,
        },
      );
      const { exports } = await start(wait, made);
      await traps(() => exports["run"]!(), cannotBlock);
    });
  }

  itWaits("may yield", async (wait) => {
    const code = `${log(call("yield"))}`;
    const made = guest({ run: { code } }, { code: `(func $start ${code}) (start $start)` });
    const { exports, logged } = await start(wait, made);
    await exports["run"]!();
    assert.deepEqual(logged, [0, 0]);
  });

  itWaits("may take what is there", async (wait) => {
    const code = `${pair("bytes")} ${ignored("bytes.write", "w", 32, 2)} ${log(call("bytes.read-sync", "r", 64, 2))}
        (local.set $s ${call("set.new")}) ${call("join", "w", "s")} ${log(call("set.wait", "s", 8))}`;
    const { exports, logged } = await start(wait, guest({ run: { code } }));
    await exports["run"]!();
    assert.deepEqual(logged, [2 << 4, 3]);
  });
});

/** Two instances in one component: what ends one ends both. */
const twins = (code: string, back: string) => `(component
  (component $C
    (core module $M
      (import "" "return" (func $return (param i32)))
      (func (export "run") (result i32) ${code})
      (func (export "run-back") (param i32 i32 i32) (result i32) ${back})
      (func (export "plain") (result i32) ${i32(7)}))
    (core func $return (canon task.return (result u32)))
    (core instance $m (instantiate $M (with "" (instance (export "return" (func $return))))))
    (func (export "run") async (result u32) (canon lift (core func $m "run") async (callback (core func $m "run-back"))))
    (func (export "plain") (result u32) (canon lift (core func $m "plain"))))
  (instance $a (instantiate $C)) (instance $b (instantiate $C))
  (export "a-run" (func $a "run")) (export "b-run" (func $b "run"))
  (export "a-plain" (func $a "plain")) (export "b-plain" (func $b "plain")))`;

describe("after a trap", () => {
  const ends: readonly [name: string, code: string, back: string, text: string][] = [
    ["of the engine's", "unreachable", EXIT, "wasm `unreachable` instruction executed"],
    ["of a callback's answer", `${call("return", 1)} ${i32(3)}`, EXIT, "unsupported callback code"],
    ["of a missing result", YIELD, EXIT, "async-lifted export failed to produce a result"],
  ];
  for (const [name, code, back, text] of ends) {
    itWaits(`${name} no instance of the component is entered`, async (wait) => {
      const { exports } = await start(wait, twins(code, back));
      assert.equal(await exports["bPlain"]!(), 7);
      await traps(() => exports["aRun"]!(), ["engine", text]);
      for (const each of ["aRun", "bRun", "aPlain", "bPlain"]) await traps(() => exports[each]!(), cannotEnter);
    });
  }

  itWaits("no task goes on", async (wait) => {
    const text = guest({
      background: { code: afterwards(1), back: `${log(i32(9))} ${EXIT}` },
      traps: { code: "unreachable" },
      other: { type: "async", code: ignored("later-sync", 5) },
    });
    const { exports, logged } = await start(wait, text);
    await exports["background"]!();
    await traps(() => exports["traps"]!(), ["engine", "wasm `unreachable` instruction executed"]);
    await traps(() => exports["other"]!(), cannotEnter);
    assert.deepEqual(logged, []);
  });

  it("calls that are under way end with it", async () => {
    const wait = "suspending";
    const text = guest({
      background: {
        code: `${ignored("later", 60_000, 512)} (local.set $s ${call("set.new")}) ${call("join", 1, "s")} (i32.or ${i32(2)} (i32.shl (local.get $s) ${i32(4)}))`,
        back: EXIT,
      },
      traps: { code: "unreachable" },
    });
    const { exports } = await start(wait, text);
    const running = exports["background"]!();
    // until it waits
    await new Promise((resolve) => setTimeout(resolve));
    await traps(() => exports["traps"]!(), ["engine", "wasm `unreachable` instruction executed"]);
    await traps(() => running, ["engine", "wasm `unreachable` instruction executed"]);
  });
});
