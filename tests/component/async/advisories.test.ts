/** What the security advisories of other hosts of component model async were about, where it is not in the tests beside this. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseComponent } from "../../../src/component/binary/parse.ts";
import type { HostImports } from "../../../src/component/host.ts";
import type { ByteConsumer, ReadableBytes } from "../../../src/component/streams.ts";
import { Condition } from "../../../src/core/wait/condition.ts";
import type { Blocking } from "../../../src/core/wait/poll.ts";
import { ParseError } from "../../../src/wasm/errors.ts";
import { binary } from "../text.ts";
import {
  type CoreFuncs,
  call,
  component,
  drop,
  hostFor,
  i32,
  itWaits,
  later,
  laterFuncs,
  laterImport,
  lift,
  locals,
  log,
  pair,
  setOf,
  start,
  table,
  traps,
  withMemory,
} from "./guest.ts";

describe("GHSA-32h6-97mm-8q3c: a callback of another type", () => {
  for (const type of [
    "(result i32)",
    "(param i32 i32) (result i32)",
    "(param i32 i32 i32)",
    "(param i32 i32 i32) (result i64)",
    "(param i32 i32 i32) (result i32 i32)",
    "(param i32 i32 i64) (result i32)",
  ]) {
    it(type, async () => {
      // what the text format's own tools would refuse
      const text = `(component
        (core module $m (func (export "run") (result i32) unreachable) (func (export "back") ${type} unreachable)
          (func (export "good") (param i32 i32 i32) (result i32) unreachable))
        (core instance $i (instantiate $m))
        (alias core export $i "back" (core func $back))
        (alias core export $i "good" (core func $good))
        (func (export "run") async (canon lift (core func $i "run") async (callback (core func $good)))))`;
      const bytes = await binary(text);
      const option = [...bytes.keys()].filter(
        (at) => bytes[at] === 0x07 && bytes[at + 1] === 1 && bytes[at - 1] === 0x06,
      );
      assert.equal(option.length, 1);
      bytes[option[0]! + 1] = 0;
      assert.throws(() => parseComponent(bytes), ParseError);
    });
  }
});

describe("GHSA-93g3-36p8-x2gc: a write of nothing beyond the memory", () => {
  const consumer: ByteConsumer = { readiness: Condition.ready(), consume: () => assert.fail("called"), end() {} };
  const parts = {
    imports: '(import "give" (func $give (param "bytes" $bytes)))',
    funcs: { give: ["(param i32)", "lower (func $give)"] } as CoreFuncs,
  };
  table(
    [
      ["to the host", `${pair("bytes")} ${call("give", "r")} ${log(call("bytes.write", "w", -1, 0))}`, [0]],
      [
        "before the host has it",
        `${pair("bytes")} ${log(call("bytes.write", "w", -1, 0))} ${call("give", "r")} ${setOf("w")} ${log(call("set.wait", "s", 8))}`,
        [0xffff_ffff, 3],
      ],
    ],
    parts,
    () => ({ give: (bytes: ReadableBytes) => bytes.pipe(consumer) }) as HostImports,
  );
});

describe("GHSA-7v24-42x9-pxf7: a call out of realloc", () => {
  itWaits("for what comes out of a stream", async (wait) => {
    const text = component({
      imports: '(import "open" (func $open (result $strings)))',
      funcs: { open: ["(result i32)", "lower (func $open)"] },
      code: `(func (export "realloc") (param i32 i32 i32 i32) (result i32) ${log(i32(1))} ${i32(64)})
          (table (export "table") 1 funcref)
          (func (export "run") ${locals} (local.set $r ${call("open")}) ${drop(call("strings.read", "r", 64, 1))})`,
      exports: lift("run", "async"),
    })
      .replaceAll(
        'stream.read $strings async (memory (core memory $l "memory")) (realloc (core func $l "realloc"))',
        'stream.read $strings async (memory (core memory $l "memory")) (realloc (core func $evil "realloc"))',
      )
      .replace(
        "(core func $set.new",
        `(core func $log-early (canon lower (func $log)))
         (core module $Evil (import "" "log" (func $log (param i32)))
           (func (export "realloc") (param i32 i32 i32 i32) (result i32) (call $log (i32.const 1)) (i32.const 64)))
         (core instance $evil (instantiate $Evil (with "" (instance (export "log" (func $log-early))))))
         (core func $set.new`,
      );
    const strings = { readiness: Condition.ready(), produce: () => ["abc"], drop() {} };
    const { exports, logged } = await start(wait, text, { open: () => strings } as HostImports);
    await traps(() => exports["run"]!(), ["engine", "cannot leave component instance"]);
    assert.deepEqual(logged, []);
    await traps(() => exports["run"]!(), ["engine", "cannot enter component instance"]);
  });
});

describe("GHSA-m6w2-jwq2-cv2c: a sync call of an async function of another component", () => {
  itWaits("which waits, from one of no async type", async (wait) => {
    const text = `(component
      (component $C
        (core module $M
          (func (export "f") (result i32) ${i32(1)})
          (func (export "back") (param i32 i32 i32) (result i32) ${i32(1)}))
        (core instance $m (instantiate $M))
        (func (export "f") async (canon lift (core func $m "f") async (callback (core func $m "back")))))
      (component $D
        (import "f" (func $f async))
        (core func $f (canon lower (func $f)))
        (core module $M (import "" "f" (func $f)) (func (export "run") (call $f)))
        (core instance $m (instantiate $M (with "" (instance (export "f" (func $f))))))
        (func (export "run") (canon lift (core func $m "run"))))
      (instance $c (instantiate $C))
      (instance $d (instantiate $D (with "f" (func $c "f"))))
      (export "run" (func $d "run")))`;
    const { exports } = await start(wait, text);
    await traps(() => exports["run"]!(), ["engine", "cannot block a synchronous task before returning"]);
    await traps(() => exports["run"]!(), ["engine", "cannot enter component instance"]);
  });
});

describe("GHSA-hmwq-g22x-qjw5: calls that are pending at a trap", () => {
  itWaits("do not go on", async (wait) => {
    const host = await hostFor(wait);
    let passed = 0;
    const text = component({
      imports: laterImport,
      funcs: laterFuncs,
      code: `(func (export "run") ${drop(call("later", 1, 512))} unreachable)
          (func (export "other") ${drop(call("later-sync", 5))})`,
      exports: `${lift("run", "async")} ${lift("other", "async")}`,
    });
    const { exports } = await start(wait, text, {
      *later(ms: number): Blocking<number> {
        yield* later(host)(ms);
        passed++;
        return ms;
      },
    });
    await traps(() => exports["run"]!(), ["engine", "wasm `unreachable` instruction executed"]);
    await traps(() => exports["other"]!(), ["engine", "cannot enter component instance"]);
    assert.equal(passed, 0);
  });
});

/** Stream types that are not `(stream u8)`, and those that are the same by another name. */
const others: readonly [type: string, same: boolean][] = [
  ["(stream s8)", false],
  ["(stream bool)", false],
  ["(stream u16)", false],
  ["(stream)", false],
  ["(stream (tuple u8))", false],
  ["(stream (own $a))", false],
  ["(stream $bytes)", false],
  ["(stream $byte)", true],
  ["(stream u8)", true],
];

describe("GHSA-63h4-6cx9-pjfj, GHSA-9pvw-hwfg-92h5: a stream as one of another type", () => {
  for (const [type, same] of others) {
    const uses = [
      ["read", drop(call("other.read", "r", 64, 0))],
      ["written", drop(call("other.write", "w", 64, 0))],
      ["dropped", call("other.drop-readable", "r")],
      ["given", call("give", "r")],
    ] as const;
    for (const [how, use] of uses) {
      it(`${type} is ${same ? "" : "not "}${how}`, async () => {
        const text = component({
          imports: `(type $a (resource (rep i32))) (type $byte u8) (type $other ${type}) (import "give" (func $give (param "it" ${/own/.test(type) ? "$bytes" : "$other"})))`,
          funcs: {
            "other.read": ["(param i32 i32 i32) (result i32)", `stream.read $other async ${withMemory}`],
            "other.write": ["(param i32 i32 i32) (result i32)", `stream.write $other async ${withMemory}`],
            "other.drop-readable": ["(param i32)", "stream.drop-readable $other"],
            give: ["(param i32)", "lower (func $give)"],
          },
          code: `(func (export "run") ${locals} ${pair("bytes")} ${use})`,
          exports: lift("run", "async"),
        });
        const { exports } = await start("blocking", text, { give: (it: ReadableBytes) => it.drop() } as HostImports);
        if (same || (how === "given" && /own/.test(type))) exports["run"]!();
        else await traps(() => exports["run"]!(), ["host", "handle is a stream of a different type"]);
      });
    }
  }

  it("of two resources", async () => {
    const text = component({
      imports:
        "(type $a (resource (rep i32))) (type $b (resource (rep i32))) (type $as (stream (own $a))) (type $bs (stream (own $b)))",
      funcs: {
        "as.new": ["(result i64)", "stream.new $as"],
        "bs.read": ["(param i32 i32 i32) (result i32)", `stream.read $bs async ${withMemory}`],
      },
      code: `(func (export "run") ${locals} ${pair("as")} ${drop(call("bs.read", "r", 64, 1))})`,
      exports: lift("run", "async"),
    });
    const { exports } = await start("blocking", text);
    await traps(() => exports["run"]!(), ["host", "handle is a stream of a different type"]);
  });
});
