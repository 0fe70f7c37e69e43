/** Which compositions need their stacks switched, as their canonical definitions say. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { callGraph } from "../../../src/component/async/stack-switching.ts";
import { parseComponent } from "../../../src/component/binary/parse.ts";
import { LinkError } from "../../../src/wasm/errors.ts";
import { start } from "../async/guest.ts";
import { binary } from "../text.ts";

type Lift = "sync" | "callback" | "stackful" | "plain";

const options: Readonly<Record<Lift, string>> = {
  sync: "",
  plain: "",
  stackful: "async",
  callback: 'async (callback (core func $m "back"))',
};

/** A component `$NAME`: how its `f` is lifted, its built-ins, and how it lowers the `f` of others. */
function component(name: string, lift: Lift, builtins = "", calls: Readonly<Record<string, string>> = {}): string {
  const result = lift === "callback" ? "(result i32) unreachable" : "";
  const type = lift === "plain" ? "" : "async";
  return `(component $${name}
    ${Object.keys(calls)
      .map((each) => `(import "${each}" (func $${each} async))`)
      .join(" ")}
    (core module $libc (memory (export "memory") 1))
    (core instance $l (instantiate $libc))
    ${builtins}
    ${Object.entries(calls)
      .map(([each, how]) => `(core func (canon lower (func $${each}) ${how}))`)
      .join(" ")}
    (core module $m (func (export "f") ${result}) (func (export "back") (param i32 i32 i32) (result i32) unreachable))
    (core instance $m (instantiate $m))
    (func (export "f") ${type} (canon lift (core func $m "f") ${options[lift]})))
  (instance $${name} (instantiate $${name} ${Object.keys(calls)
    .map((each) => `(with "${each}" (func $${each} "f"))`)
    .join(" ")}))`;
}

const wait = '(core func (canon waitable-set.wait (memory (core memory $l "memory"))))';
const yields = "(core func (canon thread.yield))";
const cancels = "(core func (canon subtask.cancel))";
const reads = '(type $s (stream u8)) (core func (canon stream.read $s (memory (core memory $l "memory"))))';
const exported = (...names: readonly string[]) =>
  names.map((name) => `(export "${name}" (func $${name} "f"))`).join(" ");

type Case = readonly [name: string, text: string, crossComponent: boolean, switches: boolean];

const cases: readonly Case[] = [
  ["one component that waits", component("a", "stackful", wait) + exported("a"), false, false],
  [
    "of which none calls another",
    component("a", "sync", wait) + component("b", "sync") + exported("a", "b"),
    false,
    false,
  ],
  [
    "a call with async of one that never waits",
    component("a", "callback") + component("b", "sync", wait, { a: "async" }) + exported("b"),
    true,
    false,
  ],
  [
    "a call with async of one that waits",
    component("a", "callback", wait) + component("b", "callback", "", { a: "async" }) + exported("b"),
    true,
    true,
  ],
  [
    "of one that yields",
    component("a", "sync", yields) + component("b", "callback", "", { a: "async" }) + exported("b"),
    true,
    true,
  ],
  [
    "of one that reads",
    component("a", "sync", reads) + component("b", "callback", "", { a: "async" }) + exported("b"),
    true,
    true,
  ],
  [
    "a call without async of one that waits",
    component("a", "sync", wait) + component("b", "callback", "", { a: "" }) + exported("b"),
    true,
    false,
  ],
  [
    "a chain of such calls",
    component("a", "sync", wait) +
      component("b", "sync", wait, { a: "" }) +
      component("c", "callback", wait, { b: "", a: "" }) +
      exported("c"),
    true,
    false,
  ],
  [
    "a call without async of one that may go on when it has returned",
    component("a", "callback", wait) + component("b", "sync", "", { a: "" }) + exported("b"),
    true,
    true,
  ],
  [
    "a call without async of one that never waits",
    component("a", "callback") + component("b", "sync", "", { a: "" }) + exported("b"),
    true,
    false,
  ],
  [
    "two that the host calls",
    component("a", "sync", wait) + component("b", "sync", "", { a: "" }) + exported("a", "b"),
    true,
    false,
  ],
  [
    "two that the host calls, and that go on",
    component("a", "sync", wait) + component("b", "callback", "", { a: "" }) + exported("a", "b"),
    true,
    true,
  ],
  [
    "one that cancels a host's call",
    component("a", "callback", cancels) + component("b", "callback", "", { a: "async" }) + exported("b"),
    true,
    false,
  ],
  [
    "one that cancels calls",
    component("a", "callback") + component("b", "callback", cancels, { a: "async" }) + exported("b"),
    true,
    false,
  ],
  [
    "one that cancels calls, and is called",
    component("a", "callback") +
      component("b", "callback", cancels, { a: "async" }) +
      component("c", "callback", "", { b: "async" }) +
      exported("c"),
    true,
    true,
  ],
  ["a call of a function of no async type", component("a", "plain", wait) + exported("a"), false, false],
  [
    "a function that comes by way of instances",
    `${component("a", "sync", wait)}
      (component $pass (import "i" (instance $i (export "f" (func async)))) (export "i" (instance $i)))
      (instance $given (export "f" (func $a "f")))
      (instance $p (instantiate $pass (with "i" (instance $given))))
      (component $b (import "i" (instance $i (export "f" (func async)))) (core func (canon lower (func $i "f") async)))
      (instance (instantiate $b (with "i" (instance $p "i"))))`,
    true,
    true,
  ],
  [
    "a component of an outer one, and a host's function",
    `(import "f" (func $host async))
      (component $a (import "f" (func $f async)) (core func (canon lower (func $f))))
      (component $b (import "f" (func $f async)) (alias outer 1 $a (component $a)) (instance (instantiate $a (with "f" (func $f)))))
      (instance (instantiate $b (with "f" (func $host))))`,
    false,
    false,
  ],
];

describe("the stacks of", () => {
  for (const [name, text, crossComponent, switchesStacks] of cases)
    it(name, async () => {
      assert.deepEqual(callGraph(parseComponent(await binary(`(component ${text})`))), {
        crossComponent,
        switchesStacks,
      });
    });

  it("instances beyond all limits are not looked for", async () => {
    // each instantiates the one before it twice
    const levels = Array.from({ length: 40 }, (_, i) => {
      const before =
        i === 0
          ? ""
          : `(alias outer 1 $c${i - 1} (component $c)) (instance (instantiate $c)) (instance (instantiate $c))`;
      return `(component $c${i} ${before})`;
    });
    const file = parseComponent(await binary(`(component ${levels.join(" ")} (instance (instantiate $c39)))`));
    assert.deepEqual(callGraph(file), { crossComponent: false, switchesStacks: false });
  });
});

it("a composition whose stacks must be switched, and cannot be", async () => {
  const text = `(component (import "log" (func (param "n" u32))) (import "later" (func async (param "ms" u32) (result u32)))
    ${component("a", "callback", wait)} ${component("b", "callback", "", { a: "async" })} ${exported("b")})`;
  await assert.rejects(
    start("blocking", text),
    (error) => error instanceof LinkError && /stacks must be switched/.test(error.message),
  );
  await start("suspending", text);
});
