/** Limits and switches that say what a guest is given at all, as real processes: what is left of it, and wasmtime's words. */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { run } from "../../e2e/host.ts";
import { chain, command, here, scratchDirectory, textGuest } from "../here.ts";
import { CONFIG, DEEP, TWO } from "../texts.ts";

const scratch = scratchDirectory();

const STORE = "wasi:config/store@0.2.0-rc.1";
const FUNCTION = "function implementation is missing";

const UNKNOWN = `(component
  (import "a:b/c@1.0.0" (instance $c (export "r" (type $r (sub resource))) (export "f" (func (param "x" u32)))))
  (core func $f (canon lower (func $c "f")))
  (core module $m (import "h" "f" (func $f (param i32)))
    (func (export "run") (result i32) (call $f (i32.const 1)) (i32.const 0)))
  (core instance $i (instantiate $m (with "h" (instance (export "f" (func $f))))))
  (func $run (result (result)) (canon lift (core func $i "run")))
  (instance (export "wasi:cli/run@0.2.0") (export "run" (func $run))))`;

const texts: Readonly<Record<string, string>> = {
  two: TWO,
  plain: command("i32.const 0"),
  starts: command("i32.const 0", "(func $s unreachable) (start $s)"),
  config: CONFIG,
  unknown: UNKNOWN,
  module: `(module (import "a" "f" (func $f (param i64) (result i64))) (import "a" "g" (global i32))
    (import "a" "m" (memory 1)) (import "a" "t" (table 1 funcref))
    (func (export "_start") (if (i64.ne (call $f (i64.const 1)) (i64.const 0)) (then unreachable))
      (if (global.get 0) (then unreachable))))`,
  proto: `(module (import "__proto__" "__proto__" (func $f (result i32))) (import "__proto__" "f" (func))
    (import "constructor" "toString" (func)) (func (export "_start") (if (call $f) (then unreachable))))`,
  calls: `(module (import "a" "f" (func $f)) (func (export "_start") (call $f)))`,
  large: `(module (memory 2) (func (export "_start")))`,
  deep: DEEP,
  mangled: `(module (func $_RNvNtCs1_5guest4soup4cook unreachable)
    (func $_ZN5guest4main17h0123456789abcdefE.llvm.42 (call 0))
    (func $plain (call 1)) (func $_start (export "_start") (call $plain)))`,
  reactor: `(module (func (export "_initialize") unreachable))`,
  "module-starts": `(module (func $s unreachable) (start $s))`,
};
const files: Record<string, string> = {};
before(async () => {
  for (const [name, text] of Object.entries(texts)) files[name] = await textGuest(scratch, name, text);
});

const main = (...causes: readonly string[]) => ["failed to run main module `%`", ...causes];
const BACKTRACE = "error while executing at wasm backtrace:";
const UNREACHABLE = "wasm trap: wasm `unreachable` instruction executed";
const missing = (instance: string) =>
  `component imports instance \`${instance}\`, but a matching implementation was not found in the linker`;

/** Flags, guest, status, and the error's chain, in which `%` stands for the file. */
const cases: readonly (readonly [string, string, number, readonly string[]])[] = [
  ["-Wmax-instances=1,max-memories=2,max-tables=2", "two", 0, []],
  ["-Wmax-instances=0", "plain", 1, main("resource limit exceeded: instance count too high at 1")],
  ["-Wmax-memories=1", "two", 1, main("resource limit exceeded: memory count too high at 2")],
  ["-Wmax-tables=1", "two", 1, main("resource limit exceeded: table count too high at 2")],
  [
    "-Wmax-memories=0",
    "large",
    1,
    main('failed to instantiate "%"', "resource limit exceeded: memory count too high at 1"),
  ],
  [
    "-Wmax-memory-size=65536",
    "large",
    1,
    main('failed to instantiate "%"', "memory minimum size of 2 pages exceeds memory limits"),
  ],
  ["-Wmax-wasm-stack=0", "plain", 1, ["max_wasm_stack size cannot be zero"]],
  ["-Wmax-wasm-stack=9,async-stack-size=8", "plain", 1, ["max_wasm_stack size cannot exceed the async_stack_size"]],
  ["-Wmax-wasm-stack=1_000_000_000", "plain", 0, []],
  ["-Wasync-stack-size=524287", "plain", 1, ["max_wasm_stack size cannot exceed the async_stack_size"]],
  ["-Wasync-stack-size=524288", "plain", 0, []],
  ["-Wcomponent-model=n", "plain", 1, ["cannot execute a component without `--wasm component-model`"]],
  ["-Wcomponent-model=n", "large", 0, []],
  ["-Wunknown-exports-allow", "plain", 1, ["--allow-unknown-exports not supported with components"]],
  ["-Wunknown-exports-allow", "large", 0, []],
  ["-Scli,common", "plain", 1, ["The -Scommon option should not be use with -Scli as it is a deprecated alias"]],
  ["-Sthreads", "plain", 1, ["support for wasi-threads has been removed from Wasmtime"]],
  ["-Sthreads", "large", 1, ["the `-Sthreads` flag is no longer supported"]],
  ["-Sconfig", "large", 1, ["Cannot enable wasi-config for core wasm modules"]],
  ["-Scli=n", "plain", 0, []],
  ["-Scli=n", "config", 1, main(missing(STORE), "instance export `get` has the wrong type", FUNCTION)],
  ["-Sconfig,config-var=name=v1", "config", 0, []],
  ["-Sconfig,config-var=other=v1", "config", 1, []],
  ["-Scommon=y", "config", 1, main(missing(STORE), "instance export `get` has the wrong type", FUNCTION)],
  ["-Wunknown-imports-trap", "plain", 0, []],
  [
    "-Wunknown-imports-trap",
    "unknown",
    1,
    main("failed to invoke `run` function", BACKTRACE, "unknown import: `a:b/c@1.0.0#f` has not been defined"),
  ],
  [
    "-Wunknown-imports-trap",
    "calls",
    1,
    main("failed to invoke command default", BACKTRACE, "unknown import: `a::f` has not been defined"),
  ],
  [
    "-Wunknown-imports-trap",
    "module",
    1,
    main('failed to instantiate "%"', "unknown import: `a::g` has not been defined"),
  ],
  ["-Wunknown-imports-default", "module", 0, []],
  ["-Wunknown-imports-default", "proto", 0, []],
  [
    "-Wunknown-imports-trap",
    "proto",
    1,
    main("failed to invoke command default", BACKTRACE, "unknown import: `__proto__::__proto__` has not been defined"),
  ],
  ["-Wunknown-imports-default", "unknown", 1, main("cannot use `--default-values-unknown-imports` with components")],
  // Traps before the function that the guest was run for.
  ["-Scli", "starts", 134, main(BACKTRACE, UNREACHABLE)],
  ["-Scli", "module-starts", 134, main('failed to instantiate "%"', BACKTRACE, UNREACHABLE)],
  ["-Scli", "reactor", 134, main(BACKTRACE, UNREACHABLE)],
];

for (const host of here) {
  describe(`what is given on ${host.name}`, { skip: host.skip }, () => {
    for (const [flag, name, status, expected] of cases) {
      it(`${flag} ${name}: ${expected.at(-1) ?? `status ${status}`}`, async () => {
        const file = files[name]!;
        const ended = await run(host, file, { flags: [flag] });
        assert.deepEqual(
          { status: ended.status, stdout: ended.stdout.toString(), chain: chain(ended.stderr) },
          { status, stdout: "", chain: expected.map((line) => line.replace("%", file)) },
        );
      });
    }

    for (const [most, frames] of [
      ["0", 20],
      ["1", 1],
      ["100", 100],
      ["4294967296", 100],
    ] as const) {
      it(`-Dmax-backtrace=${most} prints ${frames} of 100 frames`, async () => {
        const { stderr } = await run(host, files["deep"]!, { flags: [`-Dmax-backtrace=${most}`] });
        assert.equal(stderr.match(/^ +\d+: .*!.*$/gm)?.length, frames, stderr);
      });
    }

    it("a trap names Rust's functions as their programmer did", async () => {
      const { stderr } = await run(host, files["mangled"]!);
      assert.deepEqual(
        Array.from(stderr.matchAll(/^ +\d+: +(?:0x[0-9a-f]+ - )?<unknown>!(.*)$/gm), ([, name]) => name),
        ["guest[3]::soup::cook", "guest::main::h0123456789abcdef", "plain", "_start"],
        stderr,
      );
    });

    it("-Scli-exit-with-code=n is warned of", async () => {
      const { status, stderr } = await run(host, files["plain"]!, { flags: ["-Scli-exit-with-code=n"] });
      assert.deepEqual(
        { status, stderr },
        { status: 0, stderr: "warning: cannot disable `-Scli-exit-with-code` any more\n" },
      );
    });
  });
}
