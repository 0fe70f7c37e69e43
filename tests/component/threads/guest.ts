/** Components with cooperative threads, written by hand: what their core module has beside all other built-ins (async/guest.ts). */
import assert from "node:assert/strict";
import { it } from "node:test";
import type { HostImports } from "../../../src/component/host.ts";
import {
  type Case,
  type CoreFuncs,
  call,
  component,
  drop,
  type Expected,
  laterFuncs,
  laterImport,
  lift,
  locals,
  type Parts,
  start,
  traps,
  type Wait,
} from "../async/guest.ts";

export const threadBuiltins: CoreFuncs = {
  index: ["(result i32)", "thread.index"],
  new: ["(param i32 i32) (result i32)", 'thread.new-indirect $start (core table $tables "t")'],
  "resume-later": ["(param i32)", "thread.resume-later"],
  suspend: ["(result i32)", "thread.suspend"],
  "suspend-then-resume": ["(param i32) (result i32)", "thread.suspend-then-resume"],
  "yield-then-resume": ["(param i32) (result i32)", "thread.yield-then-resume"],
  "suspend-then-promote": ["(param i32) (result i32)", "thread.suspend-then-promote"],
  "yield-then-promote": ["(param i32) (result i32)", "thread.yield-then-promote"],
};

/** A component of which `threads` are what its threads begin with, `$thread0` and so on, at their places of its table of 8. */
export function threaded(
  threads: readonly string[],
  { imports = "", funcs = {}, core, code, ...parts }: Parts,
): string {
  return component({
    ...parts,
    imports: `(core type $start (func (param i32)))
      (core module $tables (table (export "t") 8 funcref)) (core instance $tables (instantiate $tables))
      ${laterImport} ${imports}`,
    funcs: { ...threadBuiltins, ...laterFuncs, ...funcs },
    core: {
      imports: `(import "t" "t" (table $t 8 funcref)) ${core?.imports ?? ""}`,
      args: `(with "t" (instance $tables)) ${core?.args ?? ""}`,
    },
    code: `${code} (global $main (mut i32) (i32.const 0)) (global $n (mut i32) (i32.const 0))
      ${threads.map((body, i) => `(func $thread${i} (param $x i32) ${locals} ${body})`).join("\n")}
      (elem (table $t) (i32.const 0) func ${threads.map((_, i) => `$thread${i}`).join(" ")})`,
  });
}

/** Both ways in which stacks are switched. */
export const switchingWaits: readonly Wait[] = ["suspending", "switched"];

/** Defines a test for each. */
export function itSwitches(name: string, test: (wait: Wait) => Promise<void>): void {
  for (const wait of switchingWaits) it(`${name} (${wait})`, () => test(wait));
}

/** A case whose guest has threads: each begins with one of `threads`. */
export type ThreadCase = readonly [name: string, threads: readonly string[], code: string, expected: Case[2]];

/** Runs each case both ways: its function waits inside (`async`, lifted without), or is of no async type. */
export function tableOfThreads(
  cases: readonly ThreadCase[],
  type: "async" | "",
  parts: Partial<Parts> = {},
  imports: HostImports = {},
): void {
  for (const [name, threads, code, expected] of cases) {
    itSwitches(name, async (wait) => {
      const text = threaded(threads, {
        ...parts,
        code: `${parts.code ?? ""} (func (export "run") ${locals} (global.set $main (call $index)) ${code})`,
        exports: `${parts.exports ?? ""} ${lift("run", type)}`,
      });
      const { exports, logged } = await start(wait, text, imports);
      if (isTrap(expected)) {
        await traps(() => exports["run"]!(), expected);
      } else {
        await exports["run"]!();
        assert.deepEqual(logged, expected);
      }
    });
  }
}

function isTrap(expected: Case[2]): expected is Expected {
  return typeof expected[0] === "string";
}

/** Makes a thread that begins with `$thread{at}`. */
export const make = (at: number, value: number | string = 0): string => call("new", at, value);
export const later = (thread: string): string => call("resume-later", thread);
/** `$main`, which is suspended, has its turn. */
export const wakeMain = later("(global.get $main)");
/** Suspends, or yields, and lets another go on in its place. */
export const switchTo = (kind: string, thread: string): string => drop(call(kind, thread));
export const suspend = drop(call("suspend"));
export const yields = drop(call("yield"));
