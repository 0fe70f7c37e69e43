/** Two components, of which one calls the other. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { callGraph } from "../../../src/component/async/stack-switching.ts";
import { allFeatures } from "../../../src/component/binary/features.ts";
import { parseComponent } from "../../../src/component/binary/parse.ts";
import type { HostImports } from "../../../src/component/host.ts";
import { component, type Expected, type Parts, start, traps, type Wait } from "../async/guest.ts";
import { binary } from "../text.ts";

/**
 * The one that is called is `$C`, and its exports are what the other imports as the instance `$c`. The other's `run` is the export of
 * both.
 */
export function pair(callee: Parts, caller: Parts, { imports, given }: Shared = nothing): string {
  return `(component
    (import "log" (func $log (param "n" u32)))
    ${imports}
    ${component(callee).replace("(component", "(component $C")}
    ${component(caller).replace("(component", "(component $D")}
    (instance $c (instantiate $C (with "log" (func $log)) ${given}))
    (instance $d (instantiate $D (with "log" (func $log)) ${given} (with "c" (instance $c))))
    (export "run" (func $d "run")))`;
}

/** What both import of the host: definitions, and the arguments that give it to them. */
export interface Shared {
  readonly imports: string;
  readonly given: string;
}

const nothing: Shared = { imports: "", given: "" };

/** The instance `$c` as the other imports it. */
export function imported(...exports: readonly string[]): string {
  return `(import "c" (instance $c ${exports.map((each) => `(export ${each})`).join(" ")}))`;
}

/** What `run` logs, or how it ends. */
export type PairCase = readonly [name: string, callee: Parts, caller: Parts, expected: readonly number[] | Expected];

/** Runs each in every way that it can be. */
export function pairs(cases: readonly PairCase[], shared = nothing, host: HostImports = {}): void {
  for (const [name, callee, caller, expected] of cases)
    it(name, async () => {
      const text = pair(callee, caller, shared);
      const { switchesStacks } = callGraph(parseComponent(await binary(text), allFeatures));
      const ways: readonly Wait[] = switchesStacks ? ["suspending"] : ["blocking", "suspending"];
      for (const wait of ways) {
        const { exports, logged } = await start(wait, text, host);
        if (typeof expected[0] === "string") await traps(() => exports["run"]!(), expected as Expected);
        else {
          await exports["run"]!();
          assert.deepEqual(logged, expected, wait);
        }
      }
    });
}
