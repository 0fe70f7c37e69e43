/** Tasks that take turns: context slots of their own, first come first served, nobody starved; and lifts that wait on their own stack. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { HostImports } from "../../../src/component/host.ts";
import { type ByteProducer, HostFuture } from "../../../src/component/streams.ts";
import { Condition } from "../../../src/core/wait/condition.ts";
import {
  call,
  component,
  drop,
  type Host,
  hostFor,
  i32,
  itWaits,
  later,
  laterFuncs,
  laterImport,
  lift,
  liftWithCallback,
  locals,
  log,
  pair,
  setOf,
  start,
  traps,
  type Wait,
} from "./guest.ts";
import { EXIT, ignored, YIELD } from "./words.ts";

const number = "(result u32)";
const parts = { imports: laterImport, funcs: laterFuncs };

/** `tick(n, turns)`: logs n each turn, which it also has in slot 0; returns at once. Slot 1 counts turns. */
const ticks = (early: boolean) => `
  (func (export "tick") (param $n i32) (param $turns i32) (result i32)
    ${log(call("get.0"))} ${log(call("get.1"))}
    ${call("set.0", "n")} ${call("set.1", "turns")} ${early ? call("return", "n") : ""} ${YIELD})
  (func (export "tick-back") (param i32 i32 i32) (result i32)
    ${log(call("get.0"))}
    ${call("set.1", `(i32.sub ${call("get.1")} ${i32(1)})`)}
    (if (i32.eqz ${call("get.1")}) (then ${early ? "" : call("return", call("get.0"))} (return ${EXIT})))
    ${YIELD})
  (func (export "plain") ${log(call("get.0"))} ${call("set.0", 77)} ${log(call("get.0"))})
  (func (export "waits") ${log(call("get.0"))} ${call("set.0", 88)} ${ignored("later-sync", 1)} ${log(call("get.0"))})
  (func (export "realloc") (param i32 i32 i32 i32) (result i32)
    (i32.store ${i32(600)} ${call("get.0")}) ${call("set.0", 99)} ${i32(64)})
  (func (export "take") (param i32 i32) ${log("(i32.load (i32.const 600))")} ${log(call("get.0"))})`;
const tickLift = liftWithCallback("tick", `(param "n" u32) (param "turns" u32) ${number}`);
const ticking = (early: boolean) =>
  component({
    ...parts,
    code: ticks(early),
    exports: `${tickLift} ${lift("plain", "")} ${lift("waits", "async")}
      (func (export "take") (param "s" string) (canon lift (core func $m "take") (memory (core memory $l "memory")) (realloc (core func $m "realloc"))))`,
  });

describe("context slots", () => {
  itWaits("are each task's", async (wait) => {
    const { exports, logged } = await start(wait, ticking(true));
    await exports["tick"]!(5, 3);
    await exports["tick"]!(6, 3);
    await exports["plain"]!();
    assert.deepEqual(logged, [0, 0, 0, 0, 0, 77]);
    await exports["waits"]!();
    assert.deepEqual(logged.slice(6), [0, 88]);
  });

  itWaits("are fresh in realloc, and what they were after it", async (wait) => {
    const { exports, logged } = await start(wait, ticking(false));
    await exports["take"]!("abc");
    assert.deepEqual(logged, [0, 0]);
    await exports["tick"]!(5, 2);
    assert.deepEqual(logged.slice(2), [0, 0, 5, 5]);
  });
});

describe("tasks", () => {
  itWaits("take turns", async (wait) => {
    const text = component({
      code: `${ticks(true).replace(/\(func \(export "waits"[^\n]*\n/, "")}
          (func (export "last") (result i32) ${call("set.0", 9)} ${YIELD})
          (func (export "last-back") (param i32 i32 i32) (result i32) ${log(call("get.0"))}
            (if (i32.eq ${call("get.1")} ${i32(2)}) (then ${call("return", 0)} (return ${EXIT})))
            ${call("set.1", `(i32.add ${call("get.1")} ${i32(1)})`)} ${YIELD})`,
      exports: `${tickLift} ${liftWithCallback("last", number)}`,
    });
    const { exports, logged } = await start(wait, text);
    await exports["tick"]!(1, 3);
    await exports["tick"]!(2, 2);
    await exports["last"]!();
    assert.deepEqual(logged.slice(4), [1, 2, 9, 1, 2, 9, 1, 9]);
  });

  it("of calls that come together take turns", async () => {
    const { exports, logged } = await start("suspending", ticking(false));
    const results = await Promise.all([exports["tick"]!(1, 2), exports["tick"]!(2, 2), exports["tick"]!(3, 2)]);
    assert.deepEqual(results, [1, 2, 3]);
    assert.deepEqual(
      logged.filter((n) => n > 0),
      // the first has yielded before the others are called
      [1, 1, 2, 3, 2, 3],
    );
  });
});

/** Spins until what it waits for is there, in each way that there is to spin. */
const loops: readonly [name: string, code: string, back: string | undefined][] = [
  [
    "by yielding to the host",
    `(global.set $set ${call("set.new")}) ${call("join", "(global.get $w)", "(global.get $set)")} ${YIELD}`,
    `(if ${call("set.poll", "(global.get $set)", 8)} (then ${call("return", 7)} (return ${EXIT}))) ${YIELD}`,
  ],
  [
    "in polls",
    `${setOf()} ${call("join", "(global.get $w)", "s")} (loop $more (br_if $more (i32.eqz ${call("set.poll", "s", 8)}))) ${i32(7)}`,
    undefined,
  ],
  [
    "in yields",
    `${setOf()} ${call("join", "(global.get $w)", "s")} (loop $more ${ignored("yield")} (br_if $more (i32.eqz ${call("set.poll", "s", 8)}))) ${i32(7)}`,
    undefined,
  ],
];

/** Has something when it is asked again, some time after it was first. */
class Late implements ByteProducer {
  readonly buffer = new Uint8Array(1);
  readonly readiness = Condition.timer(0);
  readonly #machine: Host["machine"];
  #asked = false;

  constructor({ machine }: Host) {
    this.#machine = machine;
  }

  produce(): number | "would-block" {
    if (this.#asked) return 1;
    this.#asked = true;
    this.readiness.retime(this.#machine.now() + 2e6);
    return "would-block";
  }

  drop(): void {}
}

/** What is begun, so that `$w` is what waits for it. */
const operations: readonly [name: string, code: string][] = [
  ["a timer", `(global.set $w (i32.shr_u ${call("later", 2, 512)} ${i32(4)}))`],
  ["a stream of the host's", `(global.set $w ${call("open")}) ${ignored("bytes.read", "(global.get $w)", 64, 1)}`],
  [
    "a future of the host's",
    `(global.set $w ${call("promise")}) ${ignored("number.read", "(global.get $w)", 64)} ${ignored("later", 2, 512)}`,
  ],
];

describe("a guest that spins", () => {
  for (const [how, code, back] of loops) {
    for (const [what, begun] of operations) {
      itWaits(
        `${how} hears of ${what}`,
        async (wait) => {
          const text = component({
            imports: `${laterImport} (import "open" (func $open (result $bytes))) (import "promise" (func $promise (result $number)))`,
            funcs: {
              ...laterFuncs,
              open: ["(result i32)", "lower (func $open)"],
              promise: ["(result i32)", "lower (func $promise)"],
            },
            code: `(global $set (mut i32) ${i32(0)}) (global $w (mut i32) ${i32(0)})
              (func (export "run") (result i32) ${locals} ${begun} ${code})
              ${back === undefined ? "" : `(func (export "run-back") (param i32 i32 i32) (result i32) ${back})`}`,
            exports: back === undefined ? lift("run", "async (result u32)") : liftWithCallback("run", number),
          });
          const host = await hostFor(wait);
          const future = new HostFuture<number>();
          const { exports } = await start(wait, text, {
            *later(ms: number) {
              yield* later(host)(ms);
              future.resolve(1);
              return ms;
            },
            open: () => new Late(host),
            promise: () => future,
          } as HostImports);
          assert.equal(await exports["run"]!(), 7);
        },
        { timeout: 60_000 },
      );
    }
  }

  it("does not keep its host's event loop, and others of its tasks, from going on", async () => {
    const text = component({
      ...parts,
      code: `(global $over (mut i32) ${i32(0)})
        (func (export "spin") (result i32) ${YIELD})
        (func (export "spin-back") (param i32 i32 i32) (result i32)
          (if (global.get $over) (then ${call("return", 1)} (return ${EXIT}))) ${YIELD})
        (func (export "spin-inside") (loop $more ${ignored("yield")} (br_if $more (i32.eqz (global.get $over)))))
        (func (export "stop") (global.set $over ${i32(1)}))`,
      exports: `${liftWithCallback("spin", number)} ${lift("spin-inside", "async")} ${lift("stop", "")}`,
    });
    for (const spins of ["spin", "spinInside"]) {
      const { exports } = await start("suspending", text);
      const running = exports[spins]!();
      await new Promise((resolve) => setTimeout(resolve, 5));
      await exports["stop"]!();
      await running;
    }
  });
});

/** Lifts with `async` and no callback. */
const stackful = (name: string, type = number) => lift(name, `async ${type}`, "async");

describe("a lift that waits on its own stack", () => {
  const f = (name: string, code: string) => `(func (export "${name}") ${locals} ${code})`;
  const run = async (wait: Wait, code: string) => {
    const pause = f("pause", ignored("later-sync", 5));
    const text = component({
      ...parts,
      code: `${f("run", code)} ${pause}`,
      exports: `${stackful("run")} ${lift("pause", "async")}`,
    });
    return start(wait, text);
  };

  itWaits("returns", async (wait) => {
    const { exports } = await run(wait, call("return", 7));
    assert.equal(await exports["run"]!(), 7);
  });
  itWaits("waits", async (wait) => {
    const { exports, logged } = await run(
      wait,
      `${log(call("later-sync", 1))} ${ignored("later", 2, 512)} (local.set $t ${i32(1)}) ${setOf("t")} ${log(call("set.wait", "s", 8))} ${call("return", 7)}`,
    );
    assert.equal(await exports["run"]!(), 7);
    assert.deepEqual(logged, [1, 1]);
  });
  itWaits("goes on after it has returned", async (wait) => {
    const { exports, logged } = await run(wait, `${call("return", 7)} ${log(call("later-sync", 1))}`);
    assert.equal(await exports["run"]!(), 7);
    // where its stack is the host's, the host has it back when it is done
    assert.deepEqual(logged, wait === "blocking" ? [1] : []);
  });
  itWaits("must return", async (wait) => {
    const { exports } = await run(wait, "");
    await traps(() => exports["run"]!(), ["engine", "async-lifted export failed to produce a result"]);
  });
  itWaits("returns once", async (wait) => {
    const { exports } = await run(wait, `${call("return", 7)} ${ignored("later-sync", 1)} ${call("return", 7)}`);
    await traps(async () => {
      await exports["run"]!();
      await exports["pause"]!();
    }, ["engine", "`task.return` or `task.cancel` called more than once for current task"]);
  });
  itWaits("waits for what nobody brings", async (wait) => {
    const { exports } = await run(wait, `${setOf()} ${drop(call("set.wait", "s", 8))}`);
    await traps(() => exports["run"]!(), ["engine", "deadlock detected: event loop cannot make further progress"]);
  });

  it("lets another run that it waits for, where stacks are switched", async () => {
    const code = `(global $w (mut i32) ${i32(0)})
      ${f("read", `${pair("bytes")} (global.set $w ${"(local.get $w)"}) ${call("set.0", 5)} ${log(call("bytes.read-sync", "r", 64, 4))} ${call("return", call("get.0"))}`)}
      ${f("write", `${call("set.0", 6)} ${log(call("bytes.write-sync", "(global.get $w)", 32, 3))} ${call("return", call("get.0"))}`)}`;
    const text = component({ ...parts, code, exports: `${stackful("read")} ${stackful("write")}` });
    const { exports, logged } = await start("suspending", text);
    const results = await Promise.all([exports["read"]!(), exports["write"]!()]);
    assert.deepEqual(results, [5, 6]);
    assert.deepEqual(logged, [3 << 4, 3 << 4]);
  });
});
