/** `--preload`: core modules whose exports others import. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { guestFile, run, waitingHosts } from "../host.ts";
import { chain, exit, memory, say, WASI, warning, write, writeModules } from "./wat.ts";

const count = `(global $n (mut i32) (i32.const 0)) (func $count (result i32)
  (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n))`;

/** A subscription at 64 to the monotonic clock, 10 ms from now. */
const sleep = `(import "${WASI}" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1) (data (i32.const 80) "\\01") (data (i32.const 88) "\\80\\96\\98")
  (func $sleep (result i32) (call $poll (i32.const 64) (i32.const 128) (i32.const 1) (i32.const 8)))`;

const modules: Readonly<Record<string, string>> = {
  empty: "(module)",
  twice: `(module (import "x" "f" (func $f (result i32))) (func (export "run") (result i32 i32) (call $f) (call $f)))`,
  counter: `(module ${count} (func (export "f") (result i32) (call $count)))`,
  // Of a command each call has an instance of its own.
  command: `(module ${count} (memory (export "memory") 1) (func (export "_start") unreachable)
    (func (export "f") (result i32) (call $count)))`,
  "command-global": '(module (func (export "_start")) (global (export "g") i32 (i32.const 0)))',
  // Writes from its own memory.
  speaker: `(module ${write} ${memory} (func (export "_initialize") ${say})
    (func (export "f") (result i32) (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))`,
  things: `(module (memory (export "memory") 1) (table (export "table") 1 funcref)
    (global (export "g") i32 (i32.const 5)) (func (export "f") (result i32) (i32.const 42)))`,
  sum: `(module (import "x" "f" (func $f (result i32))) (import "x" "g" (global $g i32)) (import "x" "memory" (memory 1))
    (import "x" "table" (table 1 funcref)) (func (export "run") (result i32) (i32.add (call $f) (global.get $g))))`,
  mistaken: '(module (import "x" "f" (func (param i32) (result i32))))',
  "start-trap": "(module (func $start unreachable) (start $start))",
  "initialize-takes": '(module (func (export "_initialize") (param i32)))',
  "initialize-trap": '(module (func (export "_initialize") unreachable))',
  "with=equals": `(module ${count} (func (export "f") (result i32) (call $count)))`,
  sleeper: `(module ${sleep} (func (export "_initialize") (drop (call $sleep)))
    (func (export "f") (result i32) (call $sleep)))`,
  "sleeping-command": `(module ${sleep} (func (export "_start")) (func (export "f") (result i32) (call $sleep)))`,
  starter: `(module (import "x" "f" (func $f (result i32))) (func $start (drop (call $f))) (start $start)
    (func (export "run") (result i32) (call $f)))`,
  exits: `(module ${exit} (memory (export "memory") 0) (func (export "_initialize") (call $exit (i32.const 7))))`,
};

describe("preloaded modules", () => {
  let folder: string;
  const file = (name: string) => join(folder, `${name}.wasm`);
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "pollux-preload-"));
    await writeModules(folder, modules);
  });
  after(() => rmSync(folder, { recursive: true }));

  const failed = (name: string, ...causes: readonly string[]) =>
    chain(`failed to run main module \`${file(name)}\``, causes);
  const unloaded = (name: string, ...causes: readonly string[]) =>
    chain(`failed to process preload \`x\` at \`${file(name)}\``, causes);

  /**
   * What is preloaded, each as `x`; what is run (`run` is called, if it has one); status,
   * stdout, stderr. As wasmtime 48.0.8 has it.
   */
  const preloads: readonly (readonly [readonly string[], string, number, string, string | RegExp | (() => string)])[] =
    [
      [["counter"], "twice", 0, "1\n2\n", warning("returns values")],
      [["speaker"], "twice", 0, "abc\nabc\nabc\n0\n0\n", warning("returns values")],
      [["command"], "twice", 0, "1\n1\n", warning("returns values")],
      [["sleeper"], "twice", 0, "0\n0\n", warning("returns values")],
      [["sleeping-command"], "twice", 0, "0\n0\n", warning("returns values")],
      [["sleeper"], "starter", 0, "0\n", warning("returns values")],
      [["sleeping-command"], "starter", 0, "0\n", warning("returns values")],
      [["things"], "sum", 0, "47\n", warning("returns values")],
      [["counter", "speaker"], "twice", 1, "abc\n", () => unloaded("speaker", "import of `x::f` defined twice")],
      [["twice"], "twice", 1, "", () => unloaded("twice", "unknown import: `x::f` has not been defined")],
      [["command-global"], "twice", 1, "", () => unloaded("command-global", "command export 'g' is not a function")],
      [
        ["start-trap"],
        "twice",
        134,
        "",
        /^Error: failed to process preload `x` at `.*`\n\nCaused by:\n {4}0: error while executing[\s\S]*\n {4}1: wasm trap: wasm `unreachable` instruction executed\n\n$/,
      ],
      [
        ["initialize-takes"],
        "twice",
        1,
        "",
        () =>
          unloaded(
            "initialize-takes",
            "loading the Reactor initialization function",
            "type mismatch with parameters",
            "expected 0 types, found 1",
          ),
      ],
      [
        ["initialize-trap"],
        "twice",
        134,
        "",
        /\n {4}0: calling the Reactor initialization function\n {4}1: error while[\s\S]*\n {4}2: wasm trap: wasm `unreachable`/,
      ],
      [["with=equals"], "twice", 0, "1\n2\n", warning("returns values")],
      [["exits"], "twice", 7, "", ""],
      [
        ["things"],
        "mistaken",
        1,
        "",
        () =>
          failed(
            "mistaken",
            `failed to instantiate "${file("mistaken")}"`,
            "incompatible import type for `x::f`",
            "types incompatible: expected type `(func (param i32) (result i32))`, found type `(func (result i32))`",
          ),
      ],
    ];

  for (const host of waitingHosts) {
    describe(`on ${host.name}`, { skip: host.skip }, () => {
      for (const [names, main, status, stdout, stderr] of preloads) {
        it(`preloads ${names.join(" and ")} for ${main}`, async () => {
          const flags = names.flatMap((name) => ["--preload", `x=${file(name)}`]);
          const outcome = await run(host, file(main), { flags: [...flags, "--invoke", "run"] });
          if (stderr instanceof RegExp) assert.match(outcome.stderr, stderr);
          else assert.equal(outcome.stderr, typeof stderr === "string" ? stderr : stderr());
          assert.equal(outcome.stdout.toString(), stdout);
          assert.equal(outcome.status, status);
        });
      }

      it("preloads no component, and none for a component", async () => {
        const refuse = async (preload: string, main: string, text: string) => {
          const { status, stderr } = await run(host, main, { flags: ["--preload", `x=${preload}`] });
          assert.deepEqual([stderr, status], [text, 1]);
        };
        await refuse(guestFile("hello"), file("empty"), "Error: components cannot be loaded with `--preload`\n");
        await refuse(file("empty"), guestFile("hello"), "Error: --preload cannot be used with components\n");
        await refuse(
          file("nothing"),
          file("empty"),
          `Error: failed to open wasm module "${file("nothing")}"\n\nCaused by:\n    No such file or directory (os error 2)\n\n`,
        );
      });
    });
  }
});
