/** Threads of guests that mean harm: parents and children that enter one another, traps in the midst of calls, built-ins where none may be called. */
import assert from "node:assert/strict";
import { describe } from "node:test";
import { Trap } from "../../../src/core/wait/errors.ts";
import { call, drop, i32, lift, locals, log, start, traps } from "../async/guest.ts";
import { itSwitches, later, make, suspend, switchTo, threaded, wakeMain, yields } from "./guest.ts";

const sets = `(global.set $main ${call("index")})`;
const trapped = Trap;

/** A component whose child's `c` calls `h` of its own; its core module calls it as `$child`. */
function parent(threads: readonly string[], run: string, h: string): string {
  return threaded(threads, {
    imports: `(core module $d (table (export "d") 1 funcref) (type $r (func))
        (func (export "h") (call_indirect (type $r) (i32.const 0))))
      (core instance $d (instantiate $d))
      (func $h (canon lift (core func $d "h")))
      (component $C (import "h" (func $h)) (core func $h (canon lower (func $h)))
        (core module $m (import "" "h" (func $h)) (func (export "c") (call $h)))
        (core instance $m (instantiate $m (with "" (instance (export "h" (func $h))))))
        (func (export "c") (canon lift (core func $m "c"))))
      (instance $c (instantiate $C (with "h" (func $h))))`,
    funcs: { child: ["", 'lower (func $c "c")'] },
    core: { imports: '(import "d" "d" (table $d 1 funcref))', args: '(with "d" (instance $d))' },
    code: `(func $inner ${locals} ${h}) (elem (table $d) (i32.const 0) func $inner)
      (func (export "run") ${locals} ${sets} ${run}) (func (export "other") ${log(i32(77))})`,
    exports: `${lift("run", "")} ${lift("other", "")}`,
  });
}

describe("a child that calls its parent", () => {
  itSwitches("resumes the function that waits for it, which returns when nothing runs within it", async (wait) => {
    const text = parent(
      [`(call $child) ${log(i32(3))}`],
      `${later(make(0))} ${suspend} ${log(i32(1))}`,
      `${switchTo("yield-then-resume", "(global.get $main)")} ${log(i32(2))}`,
    );
    const { exports, logged } = await start(wait, text);
    await exports["run"]!();
    assert.deepEqual(logged, [1, 2, 3]);
    await exports["other"]!();
    assert.deepEqual(logged, [1, 2, 3, 77]);
  });

  itSwitches("ends all where nothing can go on within it", async (wait) => {
    const text = parent(
      ["(call $child)"],
      `${later(make(0))} ${suspend} ${log(i32(1))}`,
      switchTo("suspend-then-resume", "(global.get $main)"),
    );
    const { exports, logged } = await start(wait, text);
    await traps(() => exports["run"]!(), ["engine", "cannot block a synchronous task before returning"]);
    assert.deepEqual(logged, [1]);
    await traps(() => exports["other"]!(), ["engine", "cannot enter component instance"]);
  });

  itSwitches("ends all by a trap of a thread that goes on within it", async (wait) => {
    const text = parent(["(call $child)", "(unreachable)"], `${later(make(0))} ${later(make(1))} ${suspend}`, suspend);
    const { exports } = await start(wait, text);
    await assert.rejects(async () => exports["run"]!(), trapped);
    await traps(() => exports["other"]!(), ["engine", "cannot enter component instance"]);
  });
});

describe("what must not leave its instance", () => {
  const leaving = ["engine", "cannot leave component instance"] as const;
  const kinds = [
    ["makes a thread", drop(make(0))],
    ["suspends", suspend],
    ["yields", yields],
    ["resumes", later(i32(1))],
    ["asks for its index", drop(call("index"))],
  ] as const;
  for (const [what, code] of kinds) {
    itSwitches(`${what}: post-return`, async (wait) => {
      const text = threaded([""], {
        code: `(func (export "run")) (func (export "post") ${code})`,
        exports: lift("run", "", '(post-return (core func $m "post"))'),
      });
      await traps((await start(wait, text)).exports["run"]!, leaving);
    });

    itSwitches(`${what}: realloc`, async (wait) => {
      const text = threaded([""], {
        code: `(func (export "run") (param i32 i32)) (func (export "alloc") (param i32 i32 i32 i32) (result i32) ${code} ${i32(16)})`,
        exports: `(func (export "run") (param "s" string)
          (canon lift (core func $m "run") (memory (core memory $l "memory")) (realloc (core func $m "alloc"))))`,
      });
      const { exports } = await start(wait, text);
      await traps(() => exports["run"]!("text"), leaving);
    });
  }
});

describe("a thread", () => {
  for (const type of ["async", ""]) {
    for (const kind of ["suspend-then-resume", "yield-then-resume"] as const) {
      itSwitches(
        `is not in the way of what its host ends it with: ${kind}, ${type || "of no async type"}`,
        async (wait) => {
          const back = kind === "suspend-then-resume" ? switchTo(kind, "(global.get $main)") : suspend;
          const text = threaded([`(loop $again ${back} (br $again))`], {
            // the result has no place in memory
            code: `(func (export "run") ${locals} ${sets} (drop (call $later ${i32(1)} ${i32(-4)})) (local.set $t ${make(0)})
            (loop $again ${switchTo(kind, "t")} (br $again)))`,
            exports: lift("run", type),
          });
          const { exports } = await start(wait, text);
          await assert.rejects(async () => exports["run"]!(), /out of bounds/);
        },
      );
    }
  }

  itSwitches("that traps ends a task that waits, and what the host calls next", async (wait) => {
    const text = threaded([`${yields} (unreachable)`], {
      code: `(func (export "run") ${later(make(0))} (drop (call $later-sync ${i32(10_000)}))) (func (export "other"))`,
      exports: `${lift("run", "async")} ${lift("other", "async")}`,
    });
    const { exports } = await start(wait, text);
    const ended = assert.rejects(async () => exports["run"]!(), trapped);
    await ended;
    await traps(() => exports["other"]!(), ["engine", "cannot enter component instance"]);
  });

  itSwitches("cannot catch what ends it", async (wait) => {
    const text = threaded(
      [`(block $caught (try_table (catch_all $caught) ${later(i32(99))})) ${log(i32(9))} ${wakeMain}`],
      {
        code: `(func (export "run") ${sets} ${later(make(0))} ${suspend})`,
        exports: lift("run", "async"),
      },
    );
    const { exports, logged } = await start(wait, text);
    await traps(() => exports["run"]!(), ["host", "unknown handle index 99"]);
    assert.deepEqual(logged, []);
  });

  itSwitches("that throws ends its component", async (wait) => {
    const text = threaded(["(throw $oops)"], {
      code: `(tag $oops) (func (export "run") ${later(make(0))} ${suspend})`,
      exports: lift("run", "async"),
    });
    const { exports } = await start(wait, text);
    await traps(() => exports["run"]!(), ["engine", "uncaught exception propagated out of component"]);
  });

  itSwitches("that recurses without end is one trap", async (wait) => {
    const text = threaded(["(call $deep)"], {
      code: `(func $deep (call $deep) (call $deep)) (func (export "run") ${later(make(0))} ${suspend})`,
      exports: lift("run", "async"),
    });
    const { exports } = await start(wait, text);
    await assert.rejects(async () => exports["run"]!(), /call stack|recursion/i);
  });

  itSwitches("begins with a function of the host's, or a built-in", async (wait) => {
    const text = threaded([""], {
      code: `(func (export "run") ${locals} (table.set $t ${i32(3)} (ref.func $log)) (table.set $t ${i32(4)} (ref.func $resume-later))
          ${later(make(3, 8))} ${yields} (local.set $t ${make(0)}) ${later(make(4, "t"))} ${yields} ${yields}
          ${later("t")})
        (elem declare func $log $resume-later)`,
      exports: lift("run", "async"),
    });
    const { exports, logged } = await start(wait, text);
    // it has ended
    await traps(() => exports["run"]!(), ["host", "unknown handle index 2"]);
    assert.deepEqual(logged, [8]);
  });
});
