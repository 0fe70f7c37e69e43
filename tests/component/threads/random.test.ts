/** Threads at random, compared with a model of the rules. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import { trapOf } from "../../../src/wasm/engine-trap.ts";
import { call, get, i32, lift, locals, log, start } from "../async/guest.ts";
import { makeRandom, type Random } from "../random.ts";
import { itSwitches, make, switchTo, threaded } from "./guest.ts";
import { type Op, opKinds, run, type Scripts } from "./model.ts";

const SCRIPTS = 6;
const LONGEST = 20;
const RUNS = 60;
/** Where scripts lie in memory, 4 bytes a step, and the index of the last thread of each. */
const [CODE, STRIDE, INDICES] = [8192, 4 * (LONGEST + 1), 4096];

/** Follows the script of that number. */
const step = (kind: (typeof opKinds)[number], code: string) =>
  `(if (i32.eq ${get("n")} ${i32(opKinds.indexOf(kind))}) (then ${code}))`;
const target = `(i32.load offset=${INDICES} (i32.mul ${get("t")} ${i32(4)}))`;
const remember = (script: string, index: string) =>
  `(i32.store offset=${INDICES} (i32.mul ${script} ${i32(4)}) ${index})`;
const follow = `(func $follow (param $x i32) ${locals}
  (loop $again
    ${log(`(i32.add (i32.mul ${get("x")} ${i32(100)}) ${get("s")})`)}
    (local.set $w (i32.add (i32.mul ${get("x")} ${i32(STRIDE)}) (i32.mul ${get("s")} ${i32(4)})))
    (local.set $n (i32.load8_u offset=${CODE} ${get("w")}))
    (local.set $t (i32.load8_u offset=${CODE + 1} ${get("w")}))
    (local.set $s (i32.add ${get("s")} ${i32(1)}))
    ${step("end", "(return)")}
    ${step("new", remember(get("t"), make(0, "t")))}
    ${step("resume-later", call("resume-later", target))}
    ${(["yield", "suspend"] as const).map((kind) => step(kind, `(drop ${call(kind)})`)).join(" ")}
    ${(["suspend-then-resume", "yield-then-resume", "suspend-then-promote", "yield-then-promote"] as const)
      .map((kind) => step(kind, switchTo(kind, target)))
      .join(" ")}
    (br $again)))`;
const text = threaded([`(call $follow ${get("x")})`], {
  code: `${follow} (func (export "run") ${remember(i32(0), call("index"))} (call $follow ${i32(0)}))
    (func (export "write") (param i32 i32) (i32.store offset=${CODE} (local.get 0) (local.get 1)))`,
  exports: `${lift("run", "async")} (func (export "run-sync") (canon lift (core func $m "run")))
    ${lift("write", '(param "at" u32) (param "word" u32)')}`,
});

/** The function's own thread first makes one for each of the others, and resumes some. */
function scriptsBy(next: Random): Scripts {
  const likely = ["yield", "yield", "yield-then-promote", "suspend-then-promote", ...opKinds.slice(1)] as const;
  const scripts = Array.from({ length: SCRIPTS }, () =>
    Array.from({ length: next(LONGEST - 2 * SCRIPTS) }, (): Op => [likely[next(likely.length)]!, next(SCRIPTS)]),
  );
  const others = scripts.map((_, i) => i).slice(1);
  scripts[0]!.unshift(
    ...others.map((i): Op => ["new", i]),
    ...others.filter(() => next(3) > 0).map((i): Op => ["resume-later", i]),
  );
  return scripts;
}

describe("threads at random", () => {
  const kinds = [
    ["run", "wasm trap: deadlock detected: event loop cannot make further progress"],
    ["runSync", "wasm trap: cannot block a synchronous task before returning"],
  ] as const;
  for (const [name, alone] of kinds) {
    itSwitches(`do as the model says: ${name}`, async (wait) => {
      const ends = new Set<string | undefined>();
      for (let seed = 1; seed <= RUNS; seed++) {
        const below = makeRandom(seed);
        const scripts = scriptsBy(below);
        const expected = run(scripts, alone);
        ends.add(expected.trap);
        const { exports, logged: log } = await start(wait, text);
        for (const [script, ops] of scripts.entries()) {
          for (const [place, [kind, other]] of ops.entries())
            await exports["write"]!(script * STRIDE + place * 4, opKinds.indexOf(kind) | (other << 8));
        }
        let trap: string | undefined;
        try {
          await exports[name]!();
        } catch (thrown) {
          trap = (trapOf(thrown, "call") ?? (thrown as Error)).message;
        }
        assert.deepEqual({ log, trap }, expected, `seed ${seed}`);
      }
      assert.ok(ends.has(undefined) && ends.has(alone) && ends.size > 4, `they end so: ${[...ends].join()}`);
    });
  }
});
