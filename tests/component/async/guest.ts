/** Components of component model async, written by hand: one core module that has every built-in, and what a host gives it. */
import assert from "node:assert/strict";
import { it, type TestOptions } from "node:test";
import type { Scheduler } from "../../../src/component/async/scheduler.ts";
import { allFeatures } from "../../../src/component/binary/features.ts";
import { parseComponent } from "../../../src/component/binary/parse.ts";
import type { HostImports } from "../../../src/component/host.ts";
import { asyncSupport } from "../../../src/component/link/async-support.ts";
import { CompiledComponent } from "../../../src/component/link/compiled.ts";
import { linkComponent } from "../../../src/component/link/instantiate.ts";
import type { InstantiateOptions } from "../../../src/component/link/instantiate-options.ts";
import { suspending } from "../../../src/component/link/suspending.ts";
import { Condition } from "../../../src/core/wait/condition.ts";
import { Trap } from "../../../src/core/wait/errors.ts";
import { type Blocking, BlockingPoll, type Poll } from "../../../src/core/wait/poll.ts";
import { runAsync } from "../../../src/core/wait/steps.ts";
import { SuspendingPoll } from "../../../src/core/wait/suspending-poll.ts";
import { createMachine, createSuspendingMachine } from "../../../src/library/machine.ts";
import type { Machine } from "../../../src/machine/machine.ts";
import { EngineTrap, trapOf } from "../../../src/wasm/engine-trap.ts";
import { binary, libc } from "../text.ts";

/** A core function: its type, and the canonical definition that makes it. */
type CoreFunc = readonly [type: string, canon: string];
export type CoreFuncs = Readonly<Record<string, CoreFunc>>;

const memory = '(memory (core memory $l "memory"))';
const realloc = '(realloc (core func $l "realloc"))';
/** Options of a lift or lower. */
export const withMemory = `${memory} ${realloc}`;

const ends = (kind: "stream" | "future", type: string, as: string): CoreFuncs => {
  const copy = kind === "stream" ? "(param i32 i32 i32) (result i32)" : "(param i32 i32) (result i32)";
  const funcs: Record<string, CoreFunc> = { [`${as}.new`]: ["(result i64)", `${kind}.new ${type}`] };
  for (const way of ["read", "write"]) {
    funcs[`${as}.${way}`] = [copy, `${kind}.${way} ${type} async ${withMemory}`];
    funcs[`${as}.${way}-sync`] = [copy, `${kind}.${way} ${type} ${withMemory}`];
    funcs[`${as}.cancel-${way}`] = ["(param i32) (result i32)", `${kind}.cancel-${way} ${type}`];
    funcs[`${as}.cancel-${way}-async`] = ["(param i32) (result i32)", `${kind}.cancel-${way} ${type} async`];
    funcs[`${as}.drop-${way}able`.replace("writeable", "writable")] = [
      "(param i32)",
      `${kind}.drop-${way === "read" ? "readable" : "writable"} ${type}`,
    ];
  }
  return funcs;
};

/** Every built-in: streams of u8, u32, string and nothing, futures of u32, string and nothing. */
export const builtins: CoreFuncs = {
  "set.new": ["(result i32)", "waitable-set.new"],
  "set.wait": ["(param i32 i32) (result i32)", `waitable-set.wait ${memory}`],
  "set.poll": ["(param i32 i32) (result i32)", `waitable-set.poll ${memory}`],
  "set.drop": ["(param i32)", "waitable-set.drop"],
  join: ["(param i32 i32)", "waitable.join"],
  "subtask.cancel": ["(param i32) (result i32)", "subtask.cancel"],
  "subtask.cancel-async": ["(param i32) (result i32)", "subtask.cancel async"],
  "subtask.drop": ["(param i32)", "subtask.drop"],
  yield: ["(result i32)", "thread.yield"],
  "task.cancel": ["", "task.cancel"],
  "pressure.inc": ["", "backpressure.inc"],
  "pressure.dec": ["", "backpressure.dec"],
  "get.0": ["(result i32)", "context.get i32 0"],
  "set.0": ["(param i32)", "context.set i32 0"],
  "get.1": ["(result i32)", "context.get i32 1"],
  "set.1": ["(param i32)", "context.set i32 1"],
  return: ["(param i32)", "task.return (result u32)"],
  ...ends("stream", "$bytes", "bytes"),
  ...ends("stream", "$words", "words"),
  ...ends("stream", "$strings", "strings"),
  ...ends("stream", "$units", "units"),
  ...ends("future", "$number", "number"),
  ...ends("future", "$text", "text"),
  ...ends("future", "$unit", "unit"),
};

const types = `
  (type $bytes (stream u8)) (type $words (stream u32)) (type $strings (stream string)) (type $units (stream))
  (type $number (future u32)) (type $text (future string)) (type $unit (future))`;

const waitsInside = /^(set\.wait|yield|subtask\.cancel|.*\.(read|write)-sync)$/;

export interface Parts {
  /** Definitions of the component before its core module: imports, types. */
  readonly imports?: string;
  readonly funcs?: CoreFuncs;
  /** Whether it has no built-in that waits inside it. */
  readonly still?: boolean;
  /** What its core module imports beside that, and the arguments that give it. */
  readonly core?: { readonly imports: string; readonly args: string };
  /** Of the core module. */
  readonly code: string;
  /** Definitions after it: what it exports. */
  readonly exports: string;
}

/** A component whose core module `$m` imports `$log`, every built-in and `funcs`, and has `$l`'s memory. */
export function component({
  imports = "",
  funcs = {},
  still = false,
  core = { imports: "", args: "" },
  code,
  exports,
}: Parts): string {
  const named = Object.entries({ log: ["(param i32)", "lower (func $log)"] as CoreFunc, ...builtins, ...funcs });
  const all = still ? named.filter(([name]) => !waitsInside.test(name)) : named;
  return `(component
  (import "log" (func $log (param "n" u32)))
  ${libc}
  ${types}
  ${imports}
  ${all.map(([name, [, canon]]) => `(core func $${name} (canon ${canon}))`).join("\n  ")}
  (core module $m
    (import "l" "memory" (memory 1))
    ${all.map(([name, [type]]) => `(import "" "${name}" (func $${name} ${type}))`).join("\n    ")}
    ${core.imports}
    ${code})
  (core instance $m (instantiate $m (with "l" (instance $l)) ${core.args} (with "" (instance
    ${all.map(([name]) => `(export "${name}" (func $${name}))`).join("\n    ")}))))
  ${exports})`;
}

/** A lift of the core function of that name. */
export function lift(name: string, type: string, options = ""): string {
  return `(func (export "${name}") ${type} (canon lift (core func $m "${name}") ${options} ${withMemory}))`;
}

/** A lift of a core function `NAME` whose callback is `NAME-back`. */
export function liftWithCallback(name: string, type: string, callback = `${name}-back`): string {
  return lift(name, `async ${type}`, `async (callback (core func $m "${callback}"))`);
}

/** Locals, and what each is for: ends, a set, what a call returned. */
export const locals = "(local $r i32) (local $w i32) (local $s i32) (local $t i32) (local $n i32) (local $pair i64)";

/** Makes a stream or future: its readable end is `$r`, its writable one `$w`. */
export function pair(of: string, r = "r", w = "w"): string {
  return `(local.set $pair (call $${of}.new))
    (local.set $${r} (i32.wrap_i64 (local.get $pair)))
    (local.set $${w} (i32.wrap_i64 (i64.shr_u (local.get $pair) (i64.const 32))))`;
}

/** Makes the set `$s` of these. */
export function setOf(...members: readonly string[]): string {
  return `(local.set $s (call $set.new)) ${members.map((each) => `(call $join ${get(each)} (local.get $s))`).join(" ")}`;
}

export const get = (local: string): string => `(local.get $${local})`;
export const i32 = (value: number): string => `(i32.const ${value})`;
export const log = (value: string): string => `(call $log ${value})`;
/** Calls a built-in, with locals by name and numbers. */
export const call = (name: string, ...args: readonly (string | number)[]): string =>
  `(call $${name} ${args.map((arg) => (typeof arg === "number" ? i32(arg) : arg.startsWith("(") ? arg : get(arg))).join(" ")})`;
/** Logs an event that a wait for set `$s` returns: its code, index and payload. */
export const logEvent = (wait = "set.wait"): string =>
  `${log(call(wait, "s", 8))} ${log("(i32.load (i32.const 8))")} ${log("(i32.load (i32.const 12))")}`;
export const drop = (value: string): string => `(drop ${value})`;

/** "switched": its thread sleeps, but its stacks are switched, as `run` does where they must be. */
export type Wait = "blocking" | "suspending" | "switched";
const waits: readonly Wait[] = ["blocking", "suspending"];

/** Defines a test for each wait. */
export function itWaits(name: string, test: (wait: Wait) => Promise<void>, options: TestOptions = {}): void {
  for (const wait of waits) it(`${name} (${wait})`, options, () => test(wait));
}

type Exported = (...args: unknown[]) => unknown;
type Exports = Readonly<Record<string, Exported>>;

/** The wait that `imports` are given, and the clock. */
export interface Host {
  readonly machine: Machine;
  readonly poll: Poll;
}

async function hostOf(wait: Wait): Promise<Host> {
  if (wait !== "suspending") {
    const machine = await createMachine();
    return { machine, poll: new BlockingPoll(machine) };
  }
  const machine = await createSuspendingMachine();
  return { machine, poll: new SuspendingPoll(machine) };
}

/** A host's `later: async func(ms: u32) -> u32`: it answers what it was given. */
export function later({ machine }: Host): (ms: number) => Blocking<number> {
  return function* (ms) {
    yield Condition.timer(machine.now() + ms * 1e6);
    return ms;
  };
}

/** What a host function does that waits a moment before its work. */
export function* soon({ machine }: Host, work: () => unknown): Blocking<unknown> {
  yield Condition.timer(machine.now() + 1e5);
  return work();
}

/** It is lowered as `$later`, with the result at address 1024, and as `$later-sync`. */
export const laterImport = '(import "later" (func $later-host async (param "ms" u32) (result u32)))';
export const laterFuncs: CoreFuncs = {
  later: ["(param i32 i32) (result i32)", `lower (func $later-host) async ${memory}`],
  "later-sync": ["(param i32) (result i32)", `lower (func $later-host) ${memory}`],
};

const hosts: Partial<Record<Wait, Promise<Host>>> = {};

/** The machine of a wait, the same for all tests. */
export function hostFor(wait: Wait): Promise<Host> {
  hosts[wait] ??= hostOf(wait);
  return hosts[wait];
}

const compiled = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();

/** Links a component, whose `log` goes to `logged`, and whose `later` is the one above, unless others are given. */
export async function start(
  wait: Wait,
  text: string,
  imports: HostImports = {},
  options: InstantiateOptions = {},
): Promise<Started> {
  let bytes = compiled.get(text);
  if (bytes === undefined) {
    bytes = binary(text);
    compiled.set(text, bytes);
  }
  const host = await hostFor(wait);
  const logged: number[] = [];
  const given = { log: (n: number) => void logged.push(n), later: later(host), ...imports };
  const file = new CompiledComponent(parseComponent(await bytes, allFeatures), {
    asyncSupport,
    ...(wait !== "blocking" && { suspending }),
  });
  const linked = linkComponent(file, given, { poll: host.poll, promises: "all", ...options });
  const { exports, scheduler } = await runAsync(linked);
  return { exports: exports as Exports, logged, scheduler };
}

interface Started {
  readonly exports: Exports;
  readonly logged: readonly number[];
  readonly scheduler: Scheduler | undefined;
}

/** How a guest ends that breaks a rule: by the engine (exit status 134), or with an error of the host's (1). */
export type Expected = readonly [kind: "engine" | "host", text: string];

/** Awaits a call that must trap. */
export async function traps(call: () => unknown, [kind, text]: Expected): Promise<void> {
  let error: unknown;
  try {
    await call();
  } catch (thrown) {
    error = trapOf(thrown, "call") ?? thrown;
  }
  assert.ok(error instanceof Trap, `no trap, but ${String(error)}`);
  assert.equal(error.message, kind === "engine" ? `wasm trap: ${text}` : text);
  assert.equal(error instanceof EngineTrap, kind === "engine", "by the engine");
}

/** A guest of one function, which waits inside (`async`, lifted without). What it logs, or how it ends. */
export type Case = readonly [name: string, code: string, expected: readonly number[] | Expected];

function isTrap(expected: readonly number[] | Expected): expected is Expected {
  return typeof expected[0] === "string";
}

/** Runs each case with both waits. What `imports` makes is given to the guest. */
export function table(
  cases: readonly Case[],
  parts: Partial<Parts> = {},
  imports: (host: Host, log: (n: number) => void) => HostImports = () => ({}),
): void {
  for (const [name, code, expected] of cases) {
    itWaits(name, async (wait) => {
      const text = component({
        ...parts,
        code: `${parts.code ?? ""} (func (export "run") ${locals} ${code})`,
        exports: `${parts.exports ?? ""} ${lift("run", "async")}`,
      });
      const logged: number[] = [];
      const log = (n: number) => void logged.push(n);
      const { exports } = await start(wait, text, { log, ...imports(await hostFor(wait), log) });
      if (isTrap(expected)) {
        await traps(() => exports["run"]!(), expected);
      } else {
        await exports["run"]!();
        assert.deepEqual(logged, expected);
      }
    });
  }
}
