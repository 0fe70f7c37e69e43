/** Lowers of a host's async functions (CanonicalABI.md, `canon_lower`). */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { HostImports } from "../../../src/component/host.ts";
import { Condition } from "../../../src/core/wait/condition.ts";
import { Exit, Trap } from "../../../src/core/wait/errors.ts";
import type { Blocking } from "../../../src/core/wait/poll.ts";
import {
  type CoreFuncs,
  call,
  component,
  drop,
  get,
  hostFor,
  i32,
  itWaits,
  laterFuncs,
  laterImport,
  lift,
  locals,
  log,
  logEvent,
  setOf,
  soon,
  start,
  table,
  withMemory,
} from "./guest.ts";
import { awaited, load, logged, OUT, RETURNED, STARTED, SUBTASK, started } from "./words.ts";

const load8 = (at: number): string => log(`(i32.load8_u ${i32(at)})`);

/** A host function that answers at once, and the same after a while. */
interface Sample {
  readonly type: string;
  readonly core: string;
  /** The core arguments, without where the result goes. */
  readonly args?: string;
  readonly call: (...args: never[]) => unknown;
  /** What of the result is looked at in memory. */
  readonly shows: string;
  readonly expected: readonly number[];
}

const fields = (count: number, type: string): string =>
  Array.from({ length: count }, (_, i) => `(field "f${i}" ${type})`).join(" ");
const heavy = `(record ${fields(30, "(option u32)")})`;
const heavyValue = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`f${i}`, i]));

const samples: Readonly<Record<string, Sample>> = {
  "no result": { type: "", core: "(result i32)", call: () => undefined, shows: "", expected: [] },
  "a number": {
    type: "(result u32)",
    core: "(param i32) (result i32)",
    call: () => 7,
    shows: load(OUT),
    expected: [7],
  },
  "a string": {
    type: "(result string)",
    core: "(param i32) (result i32)",
    call: () => "abc",
    shows: `${load(OUT + 4)} (i32.load (i32.load ${i32(OUT)})) (i32.const 0xffffff) i32.and call $log`,
    expected: [3, 0x636261],
  },
  "twenty numbers": {
    type: `(result (tuple ${"u32 ".repeat(20)}))`,
    core: "(param i32) (result i32)",
    call: () => Array.from({ length: 20 }, (_, i) => i),
    shows: `${load(OUT)} ${load(OUT + 4 * 19)}`,
    expected: [0, 19],
  },
  "four parameters": {
    type: '(param "a" u32) (param "b" u8) (param "c" u32) (param "d" u32) (result u32)',
    core: "(param i32 i32 i32 i32 i32) (result i32)",
    args: `${i32(1)} ${i32(2)} ${i32(3)} ${i32(4)}`,
    call: (a: number, b: number, c: number, d: number) => a * 1000 + b * 100 + c * 10 + d,
    shows: load(OUT),
    expected: [1234],
  },
  "five parameters, which lie in memory": {
    type: '(param "a" u32) (param "b" u8) (param "c" u32) (param "d" u32) (param "e" u8) (result u32)',
    core: "(param i32 i32) (result i32)",
    args: i32(32),
    call: (a: number, b: number, c: number, d: number, e: number) => a * 10000 + b * 1000 + c * 100 + d * 10 + e,
    shows: load(OUT),
    expected: [12345],
  },
  "a string among five core parameters": {
    type: '(param "a" u32) (param "b" string) (param "c" string) (result u32)',
    core: "(param i32 i32) (result i32)",
    args: i32(64),
    call: (a: number, b: string, c: string) => a + b.length * 10 + c.charCodeAt(0),
    shows: load(OUT),
    expected: [1 + 30 + 97],
  },
  "the good case of a result": {
    type: "(result (result u32 (error string)))",
    core: "(param i32) (result i32)",
    call: () => 9,
    shows: `${load8(OUT)} ${load(OUT + 4)}`,
    expected: [0, 9],
  },
  "the error of a result, thrown": {
    type: "(result (result u32 (error string)))",
    core: "(param i32) (result i32)",
    call: () => {
      throw "no";
    },
    shows: `${load8(OUT)} ${load(OUT + 8)}`,
    expected: [1, 2],
  },
  "the error of a result, in an Error's payload": {
    type: "(result (result (error u8)))",
    core: "(param i32) (result i32)",
    call: () => {
      throw Object.assign(new Error("no"), { payload: 5 });
    },
    shows: `${load8(OUT)} ${load8(OUT + 1)}`,
    expected: [1, 5],
  },
  "a large result beside a borrow": {
    type: '(param "thing" (borrow $thing)) (result $heavy)',
    core: "(param i32 i32) (result i32)",
    args: call("open"),
    call: () => heavyValue,
    shows: `${load8(OUT)} ${load(OUT + 4)} ${load(OUT + 8 * 29 + 4)}`,
    expected: [1, 0, 29],
  },
};

class Thing {}

/** `f` of a sample, lowered async as `$f` and sync as `$f-sync`. */
function sampleParts({ type, core }: Sample) {
  const funcs: CoreFuncs = {
    f: [core, `lower (func $f-host) async ${withMemory}`],
    open: ["(result i32)", "lower (func $open)"],
    "drop-thing": ["(param i32)", "resource.drop $thing"],
  };
  return {
    imports: `(import "thing" (type $thing (sub resource)))
      (import "open" (func $open (result (own $thing))))
      (type $heavy' ${heavy}) (import "heavy" (type $heavy (eq $heavy')))
      (import "f" (func $f-host async ${type}))`,
    funcs,
    code: `(data (i32.const 32) "\\01\\00\\00\\00\\02\\00\\00\\00\\03\\00\\00\\00\\04\\00\\00\\00\\05")
      (data (i32.const 64) "\\01\\00\\00\\00\\60\\00\\00\\00\\03\\00\\00\\00\\61\\00\\00\\00\\01\\00\\00\\00")
      (data (i32.const 96) "xabc")`,
  };
}

type Call = (...args: unknown[]) => unknown;

describe("an async lower", () => {
  for (const [name, sample] of Object.entries(samples)) {
    const out = sample.type.includes("(result") ? i32(OUT) : "";
    const call = `(call $f ${sample.args ?? ""} ${out})`;
    const work = sample.call as Call;
    const given = (f: Call): HostImports => ({ f, Thing, thing: Thing, open: () => new Thing() }) as HostImports;
    const opened = sample.args?.includes("open") === true ? 1 : 0;
    const waited = `(local.set $t (i32.shr_u (local.tee $n ${call}) ${i32(4)})) ${log(`(i32.and ${get("n")} ${i32(15)})`)} ${setOf("t")} ${logEvent()} ${sample.shows}`;
    table(
      [[`at once: ${name}`, `${log(call)} ${sample.shows}`, [RETURNED, ...sample.expected]]],
      sampleParts(sample),
      () => given(work),
    );
    table(
      [[`later: ${name}`, waited, [STARTED, SUBTASK, 1 + opened, RETURNED, ...sample.expected]]],
      sampleParts(sample),
      (host) => given((...args) => soon(host, () => work(...args))),
    );
    it(`by a promise: ${name}`, async () => {
      const text = component({
        ...sampleParts(sample),
        code: `${sampleParts(sample).code} (func (export "run") ${locals} ${waited})`,
        exports: lift("run", "async"),
      });
      const imports = given(async (...args) => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        return work(...args);
      });
      const { exports, logged } = await start("suspending", text, imports);
      await exports["run"]!();
      assert.deepEqual(logged, [STARTED, SUBTASK, 1 + opened, RETURNED, ...sample.expected]);
    });
  }

  const parts = { imports: laterImport, funcs: laterFuncs };
  table(
    [
      [
        "a result that no memory has room for",
        `${drop(call("later", 1, 131070))} ${awaited}`,
        ["host", "pointer not aligned"],
      ],
      ["a result beyond the memory", `${drop(call("later", 1, 131072))} ${awaited}`, ["host", "pointer out of bounds"]],
      [
        "a result is there when the call has ended, not when its event is taken",
        `${drop(call("later", 1, OUT))} ${drop(call("later", 1, OUT + 4))} (local.set $t ${i32(2)}) ${setOf("t")} ${logEvent()} ${load(OUT)}`,
        [SUBTASK, 2, RETURNED, 1],
      ],
    ],
    parts,
  );
  table(
    [
      [
        "calls end in the order of their times",
        `${logged("later", 3, OUT)} ${logged("later", 2, OUT)} ${logged("later", 1, OUT)}
         (local.set $s ${call("set.new")}) ${[1, 2, 3].map((i) => call("join", i, "s")).join(" ")} ${logEvent()} ${logEvent()} ${logEvent()}`,
        [started(1), started(2), started(3), SUBTASK, 3, RETURNED, SUBTASK, 2, RETURNED, SUBTASK, 1, RETURNED],
      ],
    ],
    parts,
    ({ machine }) => {
      const base = machine.now();
      return {
        *later(ms: number): Blocking<number> {
          yield Condition.timer(base + ms * 1e6);
          return ms;
        },
      };
    },
  );
});

describe("a host function that throws", () => {
  const failures: readonly [name: string, error: () => unknown][] = [
    ["a trap", () => new Trap("broken")],
    ["an exit", () => new Exit(3)],
    ["a host's error", () => new RangeError("broken")],
  ];
  for (const [name, error] of failures) {
    for (const how of ["f", "f-sync"]) {
      for (const when of ["at once", "later"]) {
        itWaits(`${name}, ${when}, ends the guest that called ${how}`, async (wait) => {
          const text = component({
            imports: '(import "f" (func $f-host async))',
            funcs: { f: ["(result i32)", "lower (func $f-host) async"], "f-sync": ["", "lower (func $f-host)"] },
            code: `(func (export "run") ${locals} ${how === "f" ? `${log(call("f"))} ${awaited}` : call("f-sync")} ${log(i32(99))})`,
            exports: lift("run", "async"),
          });
          const host = await hostFor(wait);
          const thrown = error();
          const fails = () => {
            throw thrown;
          };
          const { exports, logged } = await start(wait, text, {
            f: when === "later" ? () => soon(host, fails) : fails,
          });
          await assert.rejects(
            async () => exports["run"]!(),
            (caught) => caught === thrown,
          );
          assert.ok(!logged.includes(99));
          await assert.rejects(async () => exports["run"]!(), /cannot enter component instance/);
        });
      }
    }
  }

  it("a promise, where the thread blocks, is refused", async () => {
    for (const how of ["f", "f-sync"]) {
      const text = component({
        imports: '(import "f" (func $f-host async))',
        funcs: { f: ["(result i32)", "lower (func $f-host) async"], "f-sync": ["", "lower (func $f-host)"] },
        code: `(func (export "run") ${locals} ${how === "f" ? drop(call("f")) : call("f-sync")})`,
        exports: lift("run", "async"),
      });
      const { exports } = await start("blocking", text, { f: async () => {} });
      assert.throws(() => exports["run"]!(), /an import answered a Promise, which needs wait: "suspending"/);
    }
  });
});

describe("a sync lower of an async function", () => {
  const parts = { imports: laterImport, funcs: laterFuncs };
  table(
    [
      ["waits inside the guest", `${logged("later-sync", 1)} ${logged("later-sync", 2)}`, [1, 2]],
      [
        "while it waits other calls end",
        `${logged("later", 1, OUT)} ${logged("later-sync", 2)} ${load(OUT)} (local.set $t ${i32(1)}) ${setOf("t")} ${log(call("set.poll", "s", 8))}`,
        [started(1), 2, 1, SUBTASK],
      ],
    ],
    parts,
  );

  const strings = {
    imports: '(import "f" (func $f-host async (param "s" string) (result (result string (error string)))))',
    funcs: { f: ["(param i32 i32 i32)", `lower (func $f-host) ${withMemory}`] } as CoreFuncs,
    code: '(data (i32.const 32) "abc")',
  };
  const shown = `${load8(OUT)} ${load(OUT + 8)} (i32.load (i32.load ${i32(OUT + 4)})) (i32.const 0xffff) i32.and call $log`;
  for (const [name, f, expected] of [
    ["a string", (s: string) => `${s}!`, [0, 4, 0x6261]],
    [
      "an error",
      () => {
        throw "no";
      },
      [1, 2, 0x6f6e],
    ],
  ] as const) {
    const code = `${call("f", 32, 3, OUT)} ${shown}`;
    table([[`answers ${name} at once`, code, expected]], strings, () => ({ f }));
    table([[`answers ${name} later`, code, expected]], strings, (host) => ({
      f: (s: string) => soon(host, () => f(s)),
    }));
  }
});
