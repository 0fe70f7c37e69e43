/** Two components, of which one calls the other. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { callGraph } from "../../../src/component/async/stack-switching.ts";
import { parseComponent } from "../../../src/component/binary/parse.ts";
import { component, type Expected, type Parts, start, traps, type Wait } from "../async/guest.ts";
import { binary } from "../text.ts";

/**
 * The one that is called is `$C`, and its exports are what the other imports as the instance `$c`. The other's are the exports of
 * all.
 */
export function pair(callee: Parts, caller: Parts, names: readonly string[] = ["run"]): string {
  return `(component
    (import "log" (func $log (param "n" u32)))
    ${component(callee).replace("(component", "(component $C")}
    ${component(caller).replace("(component", "(component $D")}
    (instance $c (instantiate $C (with "log" (func $log))))
    (instance $d (instantiate $D (with "log" (func $log)) (with "c" (instance $c))))
    ${names.map((name) => `(export "${name}" (func $d "${name}"))`).join("\n")})`;
}

/** The instance `$c` as the other imports it. */
export function imported(...exports: readonly string[]): string {
  return `(import "c" (instance $c ${exports.map((each) => `(export ${each})`).join(" ")}))`;
}

/** What `run` logs, or how it ends. */
export type PairCase = readonly [name: string, callee: Parts, caller: Parts, expected: readonly number[] | Expected];

/** Runs each in every way that it can be. */
export function pairs(cases: readonly PairCase[]): void {
  for (const [name, callee, caller, expected] of cases)
    it(name, async () => {
      const text = pair(callee, caller);
      const { switchesStacks } = callGraph(parseComponent(await binary(text)));
      const ways: readonly Wait[] = switchesStacks ? ["suspending"] : ["blocking", "suspending"];
      for (const wait of ways) {
        const { exports, logged } = await start(wait, text);
        if (typeof expected[0] === "string") await traps(() => exports["run"]!(), expected as Expected);
        else {
          await exports["run"]!();
          assert.deepEqual(logged, expected, wait);
        }
      }
    });
}
