/** -W trap-on-grow-failure, proposals that are turned off, -D coredump, -R without a path: as wasmtime 48.0.8 says it. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { before, describe, it } from "node:test";
import { guestFile } from "../../e2e/host.ts";
import { chain, command, here, scratchDirectory, textGuest } from "../here.ts";

const scratch = scratchDirectory();
const files: Record<string, string> = {};

const zero = "(v128.const i64x2 0 0)";
const relaxed = `(func $r (drop (i8x16.relaxed_swizzle ${zero} ${zero})))`;
const start = '(func (export "_start"))';

const guests: Readonly<Record<string, string>> = {
  memory:
    '(module (memory 1 2) (func (export "_start") (drop (memory.grow (i32.const 1))) (drop (memory.grow (i32.const 3)))))',
  table: '(module (table 1 funcref) (func (export "_start") (drop (table.grow (ref.null func) (i32.const 5)))))',
  grows: '(module (memory 1) (func (export "_start") (drop (memory.grow (i32.const 1)))))',
  component: command("(call $grow) (i32.const 0)", "(memory 1) (func $grow (drop (memory.grow (i32.const 2))))"),
  "in-library": `(module (import "lib" "grow" (func $grow (result i32))) (func (export "_start") (drop (call $grow))))`,
  library: '(module (memory 1 1) (func (export "grow") (result i32) (memory.grow (i32.const 1))))',
  relaxed: `(module ${start} ${relaxed})`,
  tail: `(module ${start} (func $f (return_call $f)))`,
  plain: `(module ${start})`,
  nested: command("(i32.const 0)").replace(
    "(component",
    `(component (core module $a (func)) (component (core module $b ${relaxed}))`,
  ),
};

before(async () => {
  for (const [name, text] of Object.entries(guests)) files[name] = await textGuest(scratch, name, text);
});

const grow = "-Wtrap-on-grow-failure";
const trapped = (what: string) => `forcing trap when growing ${what}`;
const compileError = (place: string, offset: number, words: string) => [
  `failed to compile: ${place}`,
  "WebAssembly translation error",
  `Invalid input WebAssembly code at offset ${offset}: ${words} support is not enabled`,
];
const noDeterminism = ["-W relaxed-simd-deterministic is not supported for what uses relaxed SIMD"];

/** Options, guest, and the last of what is said; nothing: it runs. */
const cases: readonly (readonly [flags: readonly string[], guest: string, said: readonly string[]])[] = [
  [[grow], "memory", [trapped("memory to 327680 bytes")]],
  [[grow, "-Wmax-memory-size=65536"], "memory", [trapped("memory to 131072 bytes")]],
  [["-Wtrap-on-grow-failure=n"], "memory", []],
  [[grow, "-Wmax-table-elements=5"], "table", [trapped("table to 6 elements")]],
  [[grow], "grows", []],
  [[grow, "-Wmax-memory-size=65536"], "component", [trapped("memory to 196608 bytes")]],
  [[grow], "component", []],
  [[grow, "-Wmax-memory-size=65535"], "grows", [trapped("memory to 65536 bytes")]],
  [["-Wrelaxed-simd=n"], "relaxed", compileError("wasm[0]::function[1]::r", 75, "relaxed SIMD")],
  [["-Wrelaxed-simd"], "relaxed", []],
  [["-Wrelaxed-simd=n"], "tail", []],
  [["-Wrelaxed-simd=n"], "plain", []],
  [["-Wtail-call=n"], "tail", compileError("wasm[0]::function[1]::f", 39, "tail calls")],
  [["-Wrelaxed-simd=n"], "nested", compileError("wasm[1]::function[0]::r", 116, "relaxed SIMD")],
  [["-Wrelaxed-simd-deterministic"], "relaxed", noDeterminism],
  [["-Wrelaxed-simd-deterministic"], "nested", noDeterminism],
  [["-Wrelaxed-simd-deterministic"], "plain", []],
  [["-Wwide-arithmetic=n"], "plain", []],
  [["-Dcoredump=core"], "plain", []],
  [["-Dcoredump=core%p"], "plain", ["the coredump-on-trap path does not support patterns yet."]],
  [["-Rvalidation-metadata,event-window-size=3"], "plain", []],
];

for (const host of here) {
  describe(`keys of the engine on ${host.name}`, { skip: host.skip }, () => {
    const pollux = (...args: readonly string[]) => {
      const [program = "", ...first] = host.command;
      const ended = spawnSync(program, [...first, "run", ...args], { encoding: "utf8", cwd: scratch, timeout: 60_000 });
      if (ended.error) throw ended.error;
      return ended;
    };

    for (const wait of ["blocking", "suspending"]) {
      for (const [flags, guest, said] of cases) {
        it(`${flags.join(" ")} ${guest}, ${wait}: ${said.at(-1) ?? "runs"}`, () => {
          const { status, stderr } = pollux(`--wait=${wait}`, ...flags, files[guest]!);
          assert.deepEqual(chain(stderr).slice(-said.length || undefined), said, stderr);
          assert.equal(status, said.length === 0 ? 0 : 1);
        });
      }
    }

    it("a trap's frames are the guest's alone", () => {
      const { stderr } = pollux(grow, "-Wmax-memory-size=65536", files["component"]!);
      assert.equal(stderr.match(/^ +\d+: .*m!.*$/gm)?.length, 2, stderr);
      assert.match(stderr, /^ {4}0: .*m!grow$/m);
    });

    it("a preloaded module's growth, and its proposals", () => {
      const preload = `--preload=lib=${files["library"]!}`;
      const { status, stderr } = pollux(grow, preload, files["in-library"]!);
      assert.deepEqual([chain(stderr).at(-1), status], [trapped("memory to 131072 bytes"), 1]);
      const refused = pollux("-Wrelaxed-simd=n", `--preload=lib=${files["relaxed"]!}`, files["plain"]!);
      assert.match(refused.stderr, /relaxed SIMD support is not enabled\n\n$/);
      assert.equal(refused.status, 1);
    });

    it("a core dump that was asked for is missed after a trap, and after nothing else", () => {
      const warning = /^warning: coredump failed to generate: [^\n]+\nError: failed to run main module /;
      const trap = pollux("-Dcoredump=core", guestFile("trap"), "unreachable");
      assert.match(trap.stderr, warning);
      assert.equal(trap.status, 134);
      const error = pollux("-Dcoredump=core", grow, files["memory"]!);
      assert.doesNotMatch(error.stderr, /warning/);
    });
  });
}
