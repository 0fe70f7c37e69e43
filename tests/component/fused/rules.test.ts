/**
 * Who may be called when, and what is left when something has trapped, holds for fused calls as for those by JavaScript: each composition
 * is run in both ways.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { allFeatures } from "../../../src/component/binary/features.ts";
import { parseComponent } from "../../../src/component/binary/parse.ts";
import type { HostImports } from "../../../src/component/host.ts";
import { CompiledComponent } from "../../../src/component/link/compiled.ts";
import { type ComponentInstance, linkComponent } from "../../../src/component/link/instantiate.ts";
import { loadAsyncSupport } from "../../../src/component/link/load-async-support.ts";
import { resetting } from "../../../src/component/link/resetting.ts";
import { suspending } from "../../../src/component/link/suspending.ts";
import { BlockingPoll } from "../../../src/core/wait/poll.ts";
import { runAsync } from "../../../src/core/wait/steps.ts";
import { SuspendingPoll } from "../../../src/core/wait/suspending-poll.ts";
import { andThen, type Waiting } from "../../../src/core/wait/waiting.ts";
import { createSuspendingMachine } from "../../../src/library/machine.ts";
import { createUnsupportedMachine } from "../../../src/machine/unsupported.ts";
import { trapOf } from "../../../src/wasm/engine-trap.ts";
import { binary } from "../text.ts";

interface Parts {
  /** Functions of others that return a u32, which it lowers. */
  readonly given?: readonly string[];
  /** Other core functions: each with its type, and what makes it. */
  readonly funcs?: Readonly<Record<string, readonly [type: string, canon: string]>>;
  /** Of the core module. */
  readonly code: string;
  /** Functions that return a u32, which it lifts. */
  readonly lifted?: readonly string[];
  /** More definitions, before and after the core module. */
  readonly before?: string;
  readonly after?: string;
}

/** What a lift has so that it is not fused. */
const POST_RETURN = "POST-RETURN";

const lift = (name: string) =>
  `(func (export "${name}") (result u32) (canon lift (core func $m "${name}") ${POST_RETURN}))`;

function component(
  name: string,
  { given = [], funcs = {}, code, lifted = [], before = "", after = "" }: Parts,
): string {
  const all = Object.entries({
    ...Object.fromEntries(given.map((each) => [each, ["(result i32)", `lower (func $${each})`] as const])),
    ...funcs,
  });
  return `(component $${name}
    ${given.map((each) => `(import "${each}" (func $${each} (result u32)))`).join(" ")}
    ${before}
    ${all.map(([each, [, canon]]) => `(core func $${each} (canon ${canon}))`).join(" ")}
    (core module $M
      ${all.map(([each, [type]]) => `(import "" "${each}" (func $${each} ${type}))`).join(" ")}
      (func (export "post-return") (param i32))
      ${code})
    (core instance $m (instantiate $M (with "" (instance ${all.map(([each]) => `(export "${each}" (func $${each}))`).join(" ")}))))
    ${lifted.map(lift).join(" ")} ${after})`;
}

const func = (name: string, body: string) => `(func (export "${name}") (result i32) ${body})`;
const instance = (name: string, ...args: readonly string[]) =>
  `(instance $${name.toLowerCase()} (instantiate $${name} ${args.map((arg) => `(with ${arg})`).join(" ")}))`;
const from = (name: string, of: string, as = name) => `"${as}" (func $${of} "${name}")`;
const exports = (of: string, ...names: readonly string[]) =>
  names.map((each) => `(export "${of}-${each}" (func $${of} "${each}"))`).join(" ");

const ownMemory = `(core module $L (memory (export "memory") 1)) (core instance $l (instantiate $L))`;
/** Built-ins to wait with, in a component that has a memory of its own. */
const waiting = {
  new: ["(result i32)", "waitable-set.new"],
  wait: ["(param i32 i32) (result i32)", 'waitable-set.wait (memory (core memory $l "memory"))'],
} as const;

const ENTER = "wasm trap: cannot enter component instance";
const LEAVE = "wasm trap: cannot leave component instance";
const UNREACHABLE = "wasm trap: wasm `unreachable` instruction executed";

interface Scenario {
  readonly what: string;
  readonly text: string;
  /** The host's functions; it may call what the component exports. */
  readonly imports?: (instance: () => ComponentInstance) => HostImports;
  /** It is run where guests are not suspended: else a start function that was has others' context slots, whoever it calls. */
  readonly onStack?: true;
  /** Exports that are called one after another, and what comes of each: a number, or what a trap or error says. */
  readonly calls: readonly (readonly [name: string, outcome: number | string])[];
}

/** It returns 7, or traps. */
const Leaf = component("B", {
  code: `${func("f", "(i32.const 7)")} ${func("trap", "unreachable")}`,
  lifted: ["f", "trap"],
});

const scenarios: readonly Scenario[] = [
  {
    what: "a trap ends the caller, the callee, and what lies around them",
    text: `(component ${Leaf}
      ${component("A", { given: ["f", "trap"], code: `${func("run", "(call $trap)")} ${func("f", "(call $f)")}`, lifted: ["run", "f"] })}
      ${component("C", { given: ["f"], code: `${func("one", "(i32.const 1)")} ${func("f", "(call $f)")}`, lifted: ["one", "f"] })}
      ${instance("B")} ${instance("A", from("f", "b"), from("trap", "b"))} ${instance("C", from("f", "b"))}
      ${exports("a", "run", "f")} ${exports("b", "f")} ${exports("c", "one", "f")})`,
    calls: [
      ["cF", 7],
      ["aF", 7],
      ["bF", 7],
      ["aRun", UNREACHABLE],
      ["aF", ENTER],
      ["bF", ENTER],
      ["cOne", ENTER],
      ["cF", ENTER],
    ],
  },
  {
    what: "a trap two calls deep ends all three",
    text: `(component ${Leaf}
      ${component("C", { given: ["f", "trap"], code: `${func("f", "(i32.add (call $f) (i32.const 1))")} ${func("trap", "(call $trap)")}`, lifted: ["f", "trap"] })}
      ${component("A", { given: ["f", "trap"], code: `${func("f", "(i32.add (call $f) (i32.const 1))")} ${func("trap", "(call $trap)")}`, lifted: ["f", "trap"] })}
      ${instance("B")} ${instance("C", from("f", "b"), from("trap", "b"))} ${instance("A", from("f", "c"), from("trap", "c"))}
      ${exports("a", "f", "trap")} ${exports("b", "f")} ${exports("c", "f")})`,
    calls: [
      ["aF", 9],
      ["aTrap", UNREACHABLE],
      ["aF", ENTER],
      ["cF", ENTER],
      ["bF", ENTER],
    ],
  },
  {
    what: "what a host's destructor calls traps: that ends all",
    text: `(component ${Leaf}
      ${component("A", {
        given: ["trap"],
        before: `(core module $D (import "" "trap" (func $trap (result i32))) (func (export "drop") (param i32) (drop (call $trap))))
          (core func $trap' (canon lower (func $trap)))
          (core instance $d (instantiate $D (with "" (instance (export "trap" (func $trap'))))))
          (type $r' (resource (rep i32) (dtor (core func $d "drop"))))
          (export $r "r" (type $r'))`,
        funcs: { new: ["(param i32) (result i32)", "resource.new $r'"] },
        code: func("make", "(call $new (i32.const 5))"),
        after: `(func (export "make") (result (own $r)) (canon lift (core func $m "make")))`,
      })}
      ${instance("B")} ${instance("A", from("trap", "b"))}
      (export $r "r" (type $a "r")) (export "make" (func $a "make") (func (result (own $r)))) ${exports("b", "f")})`,
    calls: [
      ["bF", 7],
      ["make drop", UNREACHABLE],
      ["bF", ENTER],
    ],
  },
  {
    what: "an exception does not leave its component",
    text: `(component
      ${component("B", { code: `(tag $e) ${func("f", "(throw $e)")}`, lifted: ["f"] })}
      ${component("A", { given: ["f"], code: `${func("run", "(block $caught (try_table (catch_all $caught) (drop (call $f)))) (i32.const 1)")} ${func("one", "(i32.const 1)")}`, lifted: ["run", "one"] })}
      ${instance("B")} ${instance("A", from("f", "b"))} ${exports("a", "run", "one")} ${exports("b", "f")})`,
    calls: [
      ["aOne", 1],
      ["aRun", "wasm trap: uncaught exception propagated out of component"],
      ["aOne", ENTER],
      ["bF", ENTER],
    ],
  },
  {
    what: "a callee without end is caught by nobody",
    text: `(component
      ${component("B", { code: `(func $f (export "f") (result i32) (i32.add (call $f) (i32.const 1)))`, lifted: ["f"] })}
      ${component("A", { given: ["f"], code: func("run", "(block $caught (try_table (catch_all $caught) (drop (call $f)))) (i32.const 1)"), lifted: ["run"] })}
      ${instance("B")} ${instance("A", from("f", "b"))} ${exports("a", "run")} ${exports("b", "f")})`,
    calls: [
      ["aRun", "wasm trap: call stack exhausted"],
      ["aRun", ENTER],
      ["bF", ENTER],
    ],
  },
  {
    what: "the host enters nothing while a call is under way",
    text: `(component
      (import "host" (func $host (result u32)))
      ${component("B", { given: ["host"], code: `${func("f", "(call $host)")} ${func("one", "(i32.const 1)")}`, lifted: ["f", "one"] })}
      ${component("A", { given: ["f"], code: `${func("run", "(call $f)")} ${func("one", "(i32.const 1)")}`, lifted: ["run", "one"] })}
      ${component("C", { given: ["one"], code: func("one", "(call $one)"), lifted: ["one"] })}
      ${instance("B", '"host" (func $host)')} ${instance("A", from("f", "b"))} ${instance("C", from("one", "b"))}
      ${exports("a", "run", "one")} ${exports("b", "one")} ${exports("c", "one")})`,
    imports: (instance) => ({
      host: () => {
        assert.equal(told(instance(), "bOne"), ENTER);
        assert.equal(told(instance(), "aOne"), ENTER);
        assert.equal(told(instance(), "cOne"), ENTER);
        return 5;
      },
    }),
    calls: [
      ["bOne", 1],
      ["cOne", 1],
      ["aRun", 5],
      ["aOne", 1],
      ["bOne", 1],
      ["cOne", 1],
    ],
  },
  {
    what: "a child that calls its parent, which calls the child",
    text: `(component
      (core module $Shim
        (table (export "t") 2 2 funcref)
        ${func("one", "(call_indirect (result i32) (i32.const 0))")}
        ${func("run", "(call_indirect (result i32) (i32.const 1))")}
        (func (export "post-return") (param i32)))
      (core instance $m (instantiate $Shim))
      (func $one (result u32) (canon lift (core func $m "one") ${POST_RETURN}))
      (func $run (result u32) (canon lift (core func $m "run") ${POST_RETURN}))
      ${component("K", { given: ["one"], code: `${func("run", "(call $one)")} ${func("one", "(i32.const 1)")}`, lifted: ["run", "one"] })}
      (instance $k (instantiate $K (with "one" (func $one))))
      (core func $k-one (canon lower (func $k "one")))
      (core func $k-run (canon lower (func $k "run")))
      (core module $Fill
        (import "" "t" (table 2 2 funcref))
        (import "" "one" (func $one (result i32)))
        (import "" "run" (func $run (result i32)))
        (elem (i32.const 0) func $one $run))
      (core instance (instantiate $Fill (with "" (instance
        (export "t" (table $m "t")) (export "one" (func $k-one)) (export "run" (func $k-run))))))
      (export "one" (func $one)) (export "run" (func $run)))`,
    calls: [
      ["one", 1],
      ["run", ENTER],
      ["one", ENTER],
    ],
  },
  {
    what: "all that lie around the callee are entered",
    text: `(component
      (component $X ${Leaf} ${instance("B")}
        ${component("Y", { code: func("one", "(i32.const 1)"), lifted: ["one"] })} ${instance("Y")}
        (export "f" (func $b "f")) (export "trap" (func $b "trap")) (export "one" (func $y "one")))
      (instance $x (instantiate $X))
      ${component("A", { given: ["f", "trap", "one"], code: `${func("f", "(i32.add (call $f) (call $one))")} ${func("trap", "(call $trap)")}`, lifted: ["f", "trap"] })}
      ${instance("A", from("f", "x"), from("trap", "x"), from("one", "x"))}
      ${exports("a", "f", "trap")} ${exports("x", "f", "one")})`,
    calls: [
      ["aF", 8],
      ["xOne", 1],
      ["aTrap", UNREACHABLE],
      ["xF", ENTER],
      ["xOne", ENTER],
    ],
  },
  {
    what: "nobody is called in `post-return`",
    text: `(component ${Leaf}
      ${component("A", {
        given: ["f"],
        code: `${func("run", "(i32.const 1)")} (func (export "after") (param i32) (drop (call $f))) ${func("f", "(call $f)")}`,
        lifted: ["f"],
        after:
          '(func (export "run") (result u32) (canon lift (core func $m "run") (post-return (core func $m "after"))))',
      })}
      ${instance("B")} ${instance("A", from("f", "b"))} ${exports("a", "run", "f")} ${exports("b", "f")})`,
    calls: [
      ["aF", 7],
      ["aRun", LEAVE],
      ["aF", ENTER],
      ["bF", ENTER],
    ],
  },
  {
    what: "a start function calls another component",
    text: `(component ${Leaf}
      ${component("A", { given: ["f"], code: `(global $n (mut i32) (i32.const 0)) (func $start (global.set $n (call $f))) (start $start) ${func("run", "(i32.add (global.get $n) (call $f))")}`, lifted: ["run"] })}
      ${instance("B")} ${instance("A", from("f", "b"))} ${exports("a", "run")})`,
    calls: [["aRun", 14]],
  },
];

/** The caller is an async function: it may wait. */
const asyncRun = (name = "run") => `(func (export "${name}") async (result u32) (canon lift (core func $m "${name}")))`;

const slots = {
  get: ["(result i32)", "context.get i32 0"],
  set: ["(param i32)", "context.set i32 0"],
  get1: ["(result i32)", "context.get i32 1"],
  set1: ["(param i32)", "context.set i32 1"],
} as const;
const both = "(i32.add (i32.mul (i32.const 100) (call $get)) (call $get1))";

const concurrent: readonly Scenario[] = [
  {
    what: "each call has context slots of its own",
    text: `(component
      ${component("C", { funcs: slots, code: func("f", `(local $n i32) (local.set $n ${both}) (call $set (i32.const 9)) (call $set1 (i32.const 9)) (local.get $n)`), lifted: ["f"] })}
      ${component("B", { given: ["f"], funcs: slots, code: func("f", `(local $n i32) (local.set $n ${both}) (call $set (i32.const 7)) (call $set1 (i32.const 8)) (i32.add (local.get $n) (i32.add (call $f) ${both}))`), lifted: ["f"] })}
      ${component("A", { given: ["f"], funcs: slots, code: func("run", `(call $set (i32.const 1)) (call $set1 (i32.const 2)) (i32.add (i32.mul (i32.const 1000) (call $f)) ${both})`), after: asyncRun() })}
      ${instance("C")} ${instance("B", from("f", "c"))} ${instance("A", from("f", "b"))} ${exports("a", "run")} ${exports("c", "f")})`,
    calls: [
      ["aRun", 708_102],
      ["cF", 0],
      ["aRun", 708_102],
    ],
  },
  {
    what: "a start function's calls have slots of their own, too",
    text: `(component
      ${component("C", {
        funcs: slots,
        code: func(
          "f",
          `(local $n i32) (local.set $n ${both}) (call $set (i32.const 9)) (call $set1 (i32.const 9)) (local.get $n)`,
        ),
        after:
          '(func (export "f") (result u32) (canon lift (core func $m "f") (post-return (core func $m "post-return"))))',
      })}
      ${component("B", { given: ["f"], funcs: slots, code: func("f", `(local $n i32) (local.set $n ${both}) (call $set (i32.const 7)) (call $set1 (i32.const 8)) (i32.add (local.get $n) (i32.add (call $f) ${both}))`), lifted: ["f"] })}
      ${component("A", {
        given: ["f"],
        funcs: slots,
        code: `(global $n (mut i32) (i32.const 0))
          (func $start
            (call $set (i32.const 1)) (call $set1 (i32.const 2))
            (global.set $n (i32.add (i32.mul (i32.const 1000) (call $f)) ${both})))
          (start $start) ${func("run", "(global.get $n)")}`,
        lifted: ["run"],
      })}
      ${instance("C")} ${instance("B", from("f", "c"))} ${instance("A", from("f", "b"))} ${exports("a", "run")})`,
    calls: [["aRun", 708_102]],
  },
  {
    what: "a start function's calls have them again after a task and a destructor",
    onStack: true,
    text: `(component
      ${component("C", {
        before: `(core module $D (import "" "set" (func $set (param i32))) (func (export "drop") (param i32) (call $set (i32.const 6))))
          (core func $set' (canon context.set i32 0))
          (core instance $d (instantiate $D (with "" (instance (export "set" (func $set'))))))
          (type $r' (resource (rep i32) (dtor (core func $d "drop"))))
          (export $r "r" (type $r'))`,
        funcs: { ...slots, new: ["(param i32) (result i32)", "resource.new $r'"] },
        code: `${func("f", "(call $set (i32.const 9)) (call $set1 (i32.const 9)) (i32.const 0)")} ${func("make", "(call $new (i32.const 5))")}`,
        after: `${asyncRun("f")} (func (export "make") (result (own $r)) (canon lift (core func $m "make")))`,
      })}
      ${component("B", {
        before: `(import "r" (type $r (sub resource)))
          (import "f" (func $f async (result u32))) (import "make" (func $make (result (own $r))))`,
        funcs: {
          ...slots,
          f: ["(result i32)", "lower (func $f)"],
          make: ["(result i32)", "lower (func $make)"],
          drop: ["(param i32)", "resource.drop $r"],
        },
        code: `${func("task", `(call $set (i32.const 7)) (call $set1 (i32.const 8)) (i32.add (call $f) ${both})`)}
          ${func("drop", `(call $set (i32.const 3)) (call $drop (call $make)) ${both}`)}`,
        lifted: ["task", "drop"],
      })}
      ${component("A", {
        given: ["task", "drop"],
        funcs: slots,
        code: `(global $n (mut i32) (i32.const 0))
          (func $start
            (call $set (i32.const 1)) (call $set1 (i32.const 2))
            (global.set $n (i32.add (i32.mul (i32.const 1000) (i32.add (call $task) (call $drop))) ${both})))
          (start $start) ${func("run", "(global.get $n)")}`,
        lifted: ["run"],
      })}
      ${instance("C")} ${instance("B", '"r" (type $c "r")', from("f", "c"), from("make", "c"))}
      ${instance("A", from("task", "b"), from("drop", "b"))} ${exports("a", "run")})`,
    calls: [["aRun", 1_008_102]],
  },
  {
    what: "a call that must return waits for nothing",
    text: `(component
      ${component("B", {
        before: ownMemory,
        funcs: {
          ...waiting,
          yield: ["(result i32)", "thread.yield"],
        },
        code: `${func("f", "(call $wait (call $new) (i32.const 8))")} ${func("yield", "(call $yield)")}`,
        lifted: ["f", "yield"],
      })}
      ${component("A", { given: ["f", "yield"], code: `${func("run", "(call $f)")} ${func("yield", "(call $yield)")}`, after: `${asyncRun()} ${asyncRun("yield")}` })}
      ${instance("B")} ${instance("A", from("f", "b"), from("yield", "b"))} ${exports("a", "run", "yield")} ${exports("b", "yield")})`,
    calls: [
      ["aYield", 0],
      ["aRun", "wasm trap: cannot block a synchronous task before returning"],
      ["bYield", ENTER],
    ],
  },
  {
    what: "nor when `realloc` has been called meanwhile",
    text: `(component
      (import "text" (func $text (result string)))
      ${component("B", {
        before: `(import "text" (func $text (result string)))
          (core module $L (memory (export "memory") 1) (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64)))
          (core instance $l (instantiate $L))`,
        funcs: {
          text: [
            "(param i32)",
            'lower (func $text) (memory (core memory $l "memory")) (realloc (core func $l "realloc"))',
          ],
          ...waiting,
        },
        code: func("f", "(call $text (i32.const 8)) (call $wait (call $new) (i32.const 8))"),
        lifted: ["f"],
      })}
      ${component("A", { given: ["f"], code: func("run", "(call $f)"), after: asyncRun() })}
      ${instance("B", '"text" (func $text)')} ${instance("A", from("f", "b"))} ${exports("a", "run")})`,
    imports: () => ({ text: () => "text" }),
    calls: [["aRun", "wasm trap: cannot block a synchronous task before returning"]],
  },
  {
    what: "nor does an async function that it calls",
    text: `(component
      ${component("C", {
        before: ownMemory,
        funcs: {
          ...waiting,
        },
        code: `${func("run", "(call $wait (call $new) (i32.const 8))")} ${func("one", "(i32.const 1)")}`,
        after: `${asyncRun()} ${asyncRun("one")}`,
      })}
      ${component("B", {
        before: `(import "run" (func $run async (result u32))) (import "one" (func $one async (result u32)))`,
        funcs: { run: ["(result i32)", "lower (func $run)"], one: ["(result i32)", "lower (func $one)"] },
        code: `${func("f", "(call $run)")} ${func("one", "(call $one)")}`,
        lifted: ["f", "one"],
      })}
      ${component("A", { given: ["f", "one"], code: `${func("run", "(call $f)")} ${func("one", "(call $one)")}`, after: `${asyncRun()} ${asyncRun("one")}` })}
      ${instance("C")} ${instance("B", from("run", "c"), from("one", "c"))} ${instance("A", from("f", "b"), from("one", "b"))}
      ${exports("a", "run", "one")} ${exports("c", "one")})`,
    calls: [
      ["aOne", 1],
      ["aRun", "wasm trap: cannot block a synchronous task before returning"],
      ["cOne", ENTER],
    ],
  },
  {
    what: "nor has anybody a turn when an async function that it calls yields",
    text: `(component
      ${component("D", { funcs: { yield: ["(result i32)", "thread.yield"] }, code: func("f", "(call $yield)"), lifted: ["f"] })}
      ${component("C", {
        given: ["f"],
        funcs: { yield: ["(result i32)", "thread.yield"] },
        code: `${func("f", "(call $f)")} ${func("run", "(call $yield)")}`,
        after: `${asyncRun("f")} ${asyncRun()}`,
      })}
      ${component("B", {
        before: `(import "run" (func $run async (result u32))) (import "f" (func $f async (result u32)))`,
        funcs: { run: ["(result i32)", "lower (func $run)"], f: ["(result i32)", "lower (func $f)"] },
        code: `${func("run", "(call $run)")} ${func("f", "(call $f)")}`,
        lifted: ["run", "f"],
      })}
      ${component("A", { given: ["run", "f"], code: `${func("run", "(call $run)")} ${func("f", "(call $f)")}`, after: `${asyncRun()} ${asyncRun("f")}` })}
      ${instance("D")} ${instance("C", from("f", "d"))} ${instance("B", from("run", "c"), from("f", "c"))} ${instance("A", from("run", "b"), from("f", "b"))}
      ${exports("a", "run", "f")})`,
    calls: [
      ["aF", 0],
      ["aRun", "wasm trap: cannot block a synchronous task before returning"],
      ["aF", ENTER],
    ],
  },
  {
    what: "a trap ends all of them",
    text: `(component ${Leaf}
      ${component("A", { given: ["trap"], code: func("run", "(call $trap)"), after: asyncRun() })}
      ${component("C", { given: [], code: func("one", "(i32.const 1)"), lifted: ["one"] })}
      ${instance("B")} ${instance("A", from("trap", "b"))} ${instance("C")}
      ${exports("a", "run")} ${exports("b", "f")} ${exports("c", "one")})`,
    calls: [
      ["cOne", 1],
      ["bF", 7],
      ["aRun", UNREACHABLE],
      ["bF", ENTER],
      ["cOne", ENTER],
    ],
  },
];

const ways = { fused: "", "by JavaScript": '(post-return (core func $m "post-return"))' };

/** Of an export: what it returns, or what ends it says. `NAME drop`: of the resource that it returns. */
function told(instance: ComponentInstance, name: string): unknown {
  const [called, drop] = name.split(" ");
  const func = instance.exports[called!];
  assert.ok(typeof func === "function", name);
  const ended = (error: unknown) => {
    const trap = trapOf(error, "call") ?? error;
    assert.ok(trap instanceof Error);
    return trap.message;
  };
  try {
    const value = andThen(func() as Waiting<unknown>, (value) => {
      if (drop === undefined) return value;
      const resource = value as Disposable & AsyncDisposable;
      return (resource[Symbol.asyncDispose] ?? resource[Symbol.dispose]).call(resource);
    });
    return value instanceof Promise ? value.catch(ended) : value;
  } catch (error) {
    return ended(error);
  }
}

type Wait = "blocking" | "suspending";

async function link(text: string, imports: Scenario["imports"], wait: Wait = "blocking"): Promise<ComponentInstance> {
  const file = parseComponent(await binary(text), allFeatures);
  const asyncSupport = await loadAsyncSupport(file);
  const suspends = wait === "suspending";
  const compiled = new CompiledComponent(file, suspends ? { asyncSupport, suspending } : { asyncSupport });
  let instance: ComponentInstance | undefined;
  const given = imports?.(() => instance!) ?? {};
  const poll = suspends
    ? new SuspendingPoll(await createSuspendingMachine())
    : new BlockingPoll(createUnsupportedMachine());
  instance = await runAsync(linkComponent(compiled, given, { poll, endable: true }));
  return instance;
}

for (const [way, lifted] of Object.entries(ways)) {
  describe(`calls between components, ${way}`, () => {
    for (const { what, text, imports, onStack, calls } of [...scenarios, ...concurrent]) {
      // what the host calls while guests run waits for its turn, where they are suspended
      const waits: readonly Wait[] = imports === undefined && !onStack ? ["blocking", "suspending"] : ["blocking"];
      for (const wait of waits) {
        it(`${what} (${wait})`, async () => {
          const instance = await link(text.replaceAll(POST_RETURN, lifted), imports, wait);
          const outcomes: (readonly [string, unknown])[] = [];
          for (const [name] of calls) outcomes.push([name, await told(instance, name)]);
          assert.deepEqual(outcomes, calls);
        });
      }
    }

    it("go on in an instance that was put back to its beginning, unless one has trapped", async () => {
      const text = `(component ${Leaf}
        ${component("A", {
          given: ["f", "trap"],
          code: `(global $n (mut i32) (i32.const 0))
            ${func("run", "(global.set $n (i32.add (global.get $n) (call $f))) (global.get $n)")} ${func("trap", "(call $trap)")}`,
          lifted: ["run", "trap"],
        })}
        ${instance("B")} ${instance("A", from("f", "b"), from("trap", "b"))} ${exports("a", "run", "trap")})`;
      const file = parseComponent(await binary(text.replaceAll(POST_RETURN, lifted)));
      const linked = await runAsync(linkComponent(new CompiledComponent(file, { resetting }), {}, {}));
      const calls = () => [told(linked, "aRun"), told(linked, "aRun")];
      assert.deepEqual(calls(), [7, 14]);
      // it is found out step by step whether it can be
      let reset = false;
      for (let i = 0; i < 100 && !reset; i++) reset = linked.reset();
      assert.ok(reset);
      assert.deepEqual(calls(), [7, 14]);
      assert.equal(told(linked, "aTrap"), UNREACHABLE);
      assert.equal(linked.reset(), false);
    });

    it("are none any more when the host has ended the component in one", async () => {
      const text = `(component
        (import "host" (func $host (result u32)))
        ${component("B", { given: ["host"], code: `${func("f", "(call $host)")} ${func("one", "(i32.const 1)")}`, lifted: ["f", "one"] })}
        ${component("A", { given: ["f", "one"], code: func("run", "(drop (call $f)) (drop (call $one)) unreachable"), lifted: ["run"] })}
        ${instance("B", '"host" (func $host)')} ${instance("A", from("f", "b"), from("one", "b"))} ${exports("a", "run")})`;
      let calls = 0;
      const linked = await link(text.replaceAll(POST_RETURN, lifted), (instance) => ({
        host: () => {
          calls++;
          instance().end(new Error("that is enough"));
          return 1;
        },
      }));
      assert.equal(told(linked, "aRun"), "that is enough");
      assert.equal(calls, 1);
      assert.equal(told(linked, "aRun"), "that is enough");
    });
  });
}
