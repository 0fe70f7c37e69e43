/** Components that would use up what there is of stacks: they end, and not the process. */
import { it } from "node:test";
import { call, drop, type Expected, i32, lift, locals, type Parts, start, traps } from "../async/guest.ts";
import { imported, pair } from "./pair.ts";

/** It waits for ever for a set of nothing. */
const waits: Parts = {
  code: `(func (export "f") ${drop(`(call $set.wait (call $set.new) ${i32(8)})`)} unreachable)`,
  exports: lift("f", "async", "async"),
};

/** It begins 40,000 such calls. */
const begins: Parts = {
  imports: imported('"f" (func async)'),
  funcs: { f: ["(result i32)", 'lower (func $c "f") async'] },
  code: `(func (export "run") ${locals}
    (loop $next
      ${drop(call("f"))}
      (local.set $n (i32.add (local.get $n) ${i32(1)}))
      (br_if $next (i32.lt_u (local.get $n) ${i32(40_000)})))
    unreachable)`,
  exports: lift("run", "async"),
};

const begun: Expected =
  "Bun" in globalThis
    ? ["engine", "wasm `unreachable` instruction executed"]
    : ["host", "cannot suspend another call: the process has 10000 suspended"];

/** Instances of which each calls the one before it, and waits for it inside. */
function chain(length: number): string {
  const instances = Array.from(
    { length },
    (_, i) => `(instance $i${i + 1} (instantiate $C (with "f" (func $i${i} "f"))))`,
  );
  return `(component
    (component $first
      (core module $m (func (export "f")))
      (core instance $i (instantiate $m))
      (func (export "f") async (canon lift (core func $i "f"))))
    (component $C
      (import "f" (func $f async))
      (core func $lowered (canon lower (func $f)))
      (core module $m (import "" "f" (func $f)) (func (export "f") (call $f)))
      (core instance $i (instantiate $m (with "" (instance (export "f" (func $lowered))))))
      (func (export "f") async (canon lift (core func $i "f"))))
    (instance $i0 (instantiate $first))
    ${instances.join("\n    ")}
    (export "run" (func $i${length} "f")))`;
}

it("instances that call one another return, or trap where they are too many", async () => {
  const short = await start("suspending", chain(150));
  await short.exports["run"]!();
  const long = await start("suspending", chain(990));
  await traps(() => long.exports["run"]!(), ["engine", "call stack exhausted"]);
});

// The last: nothing of it goes on, but it keeps its stacks.
it("a guest that has too many calls suspended traps", async () => {
  const { exports } = await start("suspending", pair(waits, begins));
  await traps(() => exports["run"]!(), begun);
});
