/** Tasks: what a callback lift may answer, and what `task.return` and `task.cancel` take (CanonicalABI.md, `Task`, `canon_lift`). */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  call,
  component,
  drop,
  type Expected,
  get,
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
  setOf,
  start,
  traps,
} from "./guest.ts";
import { EXIT, YIELD } from "./words.ts";

const returned = (value: number): string => call("return", value);
const waitFor = (set: string): string => `(i32.or ${i32(2)} (i32.shl ${set} ${i32(4)}))`;

/** `run`, a callback lift of `code`, whose callback `back` gets `$event`, `$index` and `$payload`. */
function callbackGuest(code: string, back: string, parts: Partial<Parts> = {}): string {
  return component({
    imports: `${laterImport} ${parts.imports ?? ""}`,
    funcs: { ...laterFuncs, ...parts.funcs },
    code: `${parts.code ?? ""}
      (func (export "run") (result i32) ${locals} ${code})
      (func (export "run-back") (param $event i32) (param $index i32) (param $payload i32) (result i32) ${locals} ${back})`,
    exports: `${liftWithCallback("run", "(result u32)")} ${parts.exports ?? ""}`,
  });
}

const logEvent = `${log(get("event"))} ${log(get("index"))} ${log(get("payload"))}`;

const callbacks: readonly (readonly [
  name: string,
  code: string,
  back: string,
  expected: readonly number[] | Expected,
])[] = [
  ["returns and exits", `${returned(7)} ${EXIT}`, "unreachable", []],
  ["yields, and is told of nothing", YIELD, `${logEvent} ${returned(7)} ${EXIT}`, [0, 0, 0]],
  ["exits with a set that is none", `${returned(7)} ${i32(0x70)}`, "unreachable", []],
  ["yields with a set that is none", i32(0x71), `${logEvent} ${returned(7)} ${EXIT}`, [0, 0, 0]],
  [
    "waits for an event that is there",
    `${pair("bytes")} ${drop(call("bytes.read", "r", 64, 4))} ${drop(call("bytes.write", "w", 32, 3))} ${setOf("r")} ${waitFor(get("s"))}`,
    `${logEvent} ${returned(7)} ${EXIT}`,
    [2, 1, 3 << 4],
  ],
  [
    "waits for a call of the host's",
    `${log(call("later", 1, 1024))} (local.set $s ${call("set.new")}) ${call("join", 1, "s")} ${waitFor(get("s"))}`,
    `${logEvent} ${log("(i32.load (i32.const 1024))")} ${call("subtask.drop", 1)} ${returned(7)} ${EXIT}`,
    [(1 << 4) | 1, 1, 1, 2, 1],
  ],
  ["goes on after it has returned", `${returned(7)} ${YIELD}`, EXIT, []],
  ["exits without a result", EXIT, "unreachable", ["engine", "async-lifted export failed to produce a result"]],
  ["exits without a result, later", YIELD, EXIT, ["engine", "async-lifted export failed to produce a result"]],
  ["traps", "unreachable", "unreachable", ["engine", "wasm `unreachable` instruction executed"]],
  ["traps later", YIELD, "unreachable", ["engine", "wasm `unreachable` instruction executed"]],
  ["waits for index 0", i32(2), "unreachable", ["host", "unknown handle index 0"]],
  ["waits for an index that is none", i32(-14), "unreachable", ["host", "unknown handle index 268435455"]],
  [
    "waits for a stream",
    `${pair("bytes")} ${waitFor(get("r"))}`,
    "unreachable",
    ["host", "handle is not an waitable-set"],
  ],
  [
    "waits for what will never be",
    `${setOf()} ${waitFor(get("s"))}`,
    "unreachable",
    ["engine", "deadlock detected: event loop cannot make further progress"],
  ],
  ...Array.from({ length: 13 }, (_, i): readonly [string, string, string, Expected] => [
    `answers ${i + 3}`,
    `${returned(7)} ${i32(i + 3)}`,
    "unreachable",
    ["engine", "unsupported callback code"],
  ]),
  ["answers 15 later", YIELD, i32(-1), ["engine", "unsupported callback code"]],
  [
    "returns twice",
    `${returned(7)} ${returned(8)} ${EXIT}`,
    "unreachable",
    ["engine", "`task.return` or `task.cancel` called more than once for current task"],
  ],
  [
    "cancels what nobody has cancelled",
    `${call("task.cancel")} ${EXIT}`,
    "unreachable",
    ["engine", "`task.cancel` called by task which has not been cancelled"],
  ],
];

describe("a callback lift", () => {
  for (const [name, code, back, expected] of callbacks) {
    itWaits(name, async (wait) => {
      const { exports, logged } = await start(wait, callbackGuest(code, back));
      if (typeof expected[0] === "string") {
        await traps(() => exports["run"]!(), expected as Expected);
        // whatever it was, nothing of the guest runs again
        await traps(() => exports["run"]!(), ["engine", "cannot enter component instance"]);
      } else {
        assert.equal(await exports["run"]!(), 7);
        assert.deepEqual(logged, expected);
      }
    });
  }

  itWaits("goes on in the next call, and ends all of it there", async (wait) => {
    const text = callbackGuest(`${returned(7)} ${YIELD}`, `${log(i32(1))} unreachable`, {
      code: `(func (export "other") (result i32) ${log(i32(0))} ${YIELD})
          (func (export "other-back") (param i32 i32 i32) (result i32) ${log(i32(2))} ${returned(8)} ${EXIT})`,
      exports: liftWithCallback("other", "(result u32)"),
    });
    const { exports, logged } = await start(wait, text);
    assert.equal(await exports["run"]!(), 7);
    assert.deepEqual(logged, []);
    await traps(() => exports["other"]!(), ["engine", "wasm `unreachable` instruction executed"]);
    assert.deepEqual(logged, [0, 1]);
    await traps(() => exports["other"]!(), ["engine", "cannot enter component instance"]);
  });
});

/** `result`, what the core function returns it with, and what the host gets. */
const results: readonly [type: string, core: string, args: string, value: unknown][] = [
  ["", "", "", undefined],
  ["u64", "(param i64)", "(i64.const -1)", 0xffff_ffff_ffff_ffffn],
  ["string", "(param i32 i32)", `${i32(32)} ${i32(3)}`, "abc"],
  ["(list u16)", "(param i32 i32)", `${i32(32)} ${i32(2)}`, new Uint16Array([0x6261, 0x0063])],
  ["(result u8)", "(param i32 i32)", `${i32(0)} ${i32(5)}`, 5],
  ["(option string)", "(param i32 i32 i32)", `${i32(1)} ${i32(32)} ${i32(3)}`, "abc"],
  [
    `(tuple ${"u8 ".repeat(16)})`,
    `(param ${"i32 ".repeat(16)})`,
    Array.from({ length: 16 }, (_, i) => i32(i)).join(" "),
    Array.from({ length: 16 }, (_, i) => i),
  ],
  [`(tuple ${"u8 ".repeat(17)})`, "(param i32)", i32(32), [0x61, 0x62, 0x63, ...Array(14).fill(0)]],
];

describe("a result", () => {
  for (const [type, core, args, value] of results) {
    itWaits(type || "none", async (wait) => {
      const result = type === "" ? "" : `(result ${type})`;
      const text = component({
        funcs: { "return-it": [core, `task.return ${result} (memory (core memory $l "memory"))`] },
        code: `(data (i32.const 32) "abc")
            (func (export "run") (result i32) (call $return-it ${args}) ${EXIT})
            (func (export "run-back") (param i32 i32 i32) (result i32) unreachable)`,
        exports: liftWithCallback("run", result),
      });
      assert.deepEqual(await (await start(wait, text)).exports["run"]!(), value);
    });
  }

  it("that is an error is thrown", async () => {
    const text = component({
      funcs: { "return-it": ["(param i32 i32)", "task.return (result (result u8 (error u8)))"] },
      code: `(func (export "run") (result i32) (call $return-it ${i32(1)} ${i32(5)}) ${EXIT})
        (func (export "run-back") (param i32 i32 i32) (result i32) unreachable)`,
      exports: liftWithCallback("run", "(result (result u8 (error u8)))"),
    });
    const { exports } = await start("blocking", text);
    for (let i = 0; i < 2; i++) assert.throws(() => exports["run"]!(), { name: "ComponentError", payload: 5 });
  });
});

const invalid: Expected = ["engine", "invalid `task.return` signature and/or options for current task"];

/** A `task.return` that is not the task's: its definition, what `run` returns, and how it ends. */
const returns: readonly [
  name: string,
  core: string,
  canon: string,
  args: string,
  result: string,
  expected?: Expected,
][] = [
  ["another type", "(param i32)", "task.return (result s32)", i32(7), "(result u32)", invalid],
  ["a type where there is none", "(param i32)", "task.return (result u32)", i32(7), "", invalid],
  ["no type where there is one", "", "task.return", "", "(result u32)", invalid],
  [
    "another encoding",
    "(param i32)",
    "task.return (result u32) string-encoding=utf16",
    i32(7),
    "(result u32)",
    invalid,
  ],
  [
    "another memory",
    "(param i32 i32)",
    'task.return (result string) (memory (core memory $other "memory"))',
    `${i32(0)} ${i32(0)}`,
    "(result string)",
    invalid,
  ],
  [
    "the same memory",
    "(param i32 i32)",
    'task.return (result string) (memory (core memory $l "memory"))',
    `${i32(0)} ${i32(0)}`,
    "(result string)",
  ],
  [
    "a string beyond the memory",
    "(param i32 i32)",
    'task.return (result string) (memory (core memory $l "memory"))',
    `${i32(-1)} ${i32(9)}`,
    "(result string)",
    ["host", "string pointer/length out of bounds of memory"],
  ],
];

const otherMemory = '(core module $Other (memory (export "memory") 1)) (core instance $other (instantiate $Other))';

describe("task.return", () => {
  for (const [name, core, canon, args, result, expected] of returns) {
    it(`of ${name}`, async () => {
      const text = component({
        imports: otherMemory,
        funcs: { "return-it": [core, canon] },
        code: `(func (export "run") (result i32) (call $return-it ${args}) ${EXIT})
          (func (export "run-back") (param i32 i32 i32) (result i32) unreachable)`,
        exports: liftWithCallback("run", result),
      });
      const { exports } = await start("blocking", text);
      if (expected === undefined) exports["run"]!();
      else await traps(() => exports["run"]!(), expected);
    });
  }

  const elsewhere = ["async (result u32)", "(result u32)"];
  for (const type of elsewhere) {
    for (const builtin of ["return", "task.cancel"]) {
      it(`${builtin} in a function of type ${type} that is lifted without async`, async () => {
        const text = component({
          code: `(func (export "run") (result i32) ${call(builtin, ...(builtin === "return" ? [7] : []))} ${i32(7)})`,
          exports: lift("run", type),
        });
        const { exports } = await start("blocking", text);
        await traps(
          () => exports["run"]!(),
          builtin === "return" ? invalid : ["engine", "`task.cancel` called by task which has not been cancelled"],
        );
      });
    }
  }
});

class Thing {}

describe("a borrow that a task was given", () => {
  const guest = (code: string, back: string) =>
    component({
      imports: '(import "thing" (type $thing (sub resource)))',
      funcs: { "drop-thing": ["(param i32)", "resource.drop $thing"] },
      code: `(func (export "run") (param $thing i32) (result i32) ${code})
        (func (export "run-back") (param i32 i32 i32) (result i32) ${back})`,
      exports: liftWithCallback("run", '(param "thing" (borrow $thing)) (result u32)'),
    });
  const left: Expected = ["host", "borrow handles still remain at the end of the call"];
  itWaits("must be dropped before it returns", async (wait) => {
    const { exports } = await start(
      wait,
      guest(`${returned(7)} ${call("drop-thing", "thing")} ${EXIT}`, "unreachable"),
      { thing: Thing },
    );
    await traps(() => exports["run"]!(new Thing()), left);
  });
  itWaits("may be dropped in a later turn", async (wait) => {
    const code = guest(YIELD, `${call("drop-thing", 1)} ${returned(7)} ${EXIT}`);
    const { exports } = await start(wait, code, { thing: Thing });
    assert.equal(await exports["run"]!(new Thing()), 7);
  });
});

describe("an argument that is not of its type", () => {
  for (const type of ["async callback", "async", "sync"]) {
    itWaits(`leaves the guest as it was: ${type}`, async (wait) => {
      const body = type === "async callback" ? `${returned(7)} ${EXIT}` : i32(7);
      const params = '(param "n" (enum "a" "b")) (result u32)';
      const text = component({
        imports: '(type $either\' (enum "a" "b")) (export $either "either" (type $either\'))',
        code: `(func (export "run") (param i32) (result i32) ${body}) (func (export "run-back") (param i32 i32 i32) (result i32) unreachable)`,
        exports:
          type === "async callback"
            ? liftWithCallback("run", params.replace('(enum "a" "b")', "$either"))
            : lift("run", `${type === "sync" ? "" : "async"} ${params.replace('(enum "a" "b")', "$either")}`),
      });
      const { exports } = await start(wait, text);
      await assert.rejects(async () => exports["run"]!("c"), TypeError);
      assert.equal(await exports["run"]!("a"), 7);
    });
  }
});
