/** -S p3, and what of -W concerns async: as wasmtime 48.0.8 has them. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseComponent } from "../../../src/component/binary/parse.ts";
import { runOf } from "../../../src/wasi/worlds.ts";
import { ParseError } from "../../../src/wasm/errors.ts";
import { binary, canonOptions, libc } from "../../component/text.ts";
import { run } from "../../e2e/host.ts";
import { chain, here, scratchDirectory, textGuest } from "../here.ts";

const core = `(core module $m
    (func (export "ok") (result i32) (i32.const 0)) (func (export "err") (result i32) (i32.const 1)) (memory (export "mem") 1))
  (core instance $i (instantiate $m))
  (func $ok (result (result)) (canon lift (core func $i "ok")))
  (func $err (result (result)) (canon lift (core func $i "err")))`;
const exported = (version: string, func: "$ok" | "$err") =>
  `(instance (export "wasi:cli/run@${version}") (export "run" (func ${func})))`;

const guests = {
  /** Fails by its run of 0.2, and not by that of 0.3. */
  both: `(component ${core} ${exported("0.2.0", "$err")} ${exported("0.3.1", "$ok")})`,
  only: `(component ${core} ${exported("0.3.0", "$ok")})`,
  old: `(component ${core} ${exported("0.2.6", "$ok")})`,
  imports: `(component
    (import "wasi:cli/environment@0.3.0" (instance (export "get-arguments" (func (result (list string))))))
    ${core} ${exported("0.2.0", "$ok")})`,
  async: `(component ${core} (type (stream u8)) ${exported("0.2.0", "$ok")})`,
  errors: `(component ${core} (core func (canon error-context.drop)) ${exported("0.2.0", "$ok")})`,
  threads: `(component ${core} (core func (canon thread.index)) ${exported("0.2.0", "$ok")})`,
} as const;

const noRun = "no exported instance named `wasi:cli/run@0.2.12`";
const noImport = [
  "component imports instance `wasi:cli/environment@0.3.0`, but a matching implementation was not found in the linker",
  "instance export `get-arguments` has the wrong type",
  "function implementation is missing",
];
const needsAsync = "`stream` requires the component model async feature";
const needsErrors = "`error-context.drop` requires the component model error-context feature";
const needsThreads = "`thread.index` requires the component model threading feature";
const noHost = ["failed to link `wasi:cli@0.3.x`", "concurrent host functions require `Config::concurrency_support`"];
const noConcurrency = "concurrency support must be enabled to use the component model async or threading features";

/** A guest, its options; the status, and what is said: after the sentence that begins the run of that guest, if that is `main`. */
const cases: readonly (readonly [keyof typeof guests, readonly string[], number, readonly string[]])[] = [
  ["both", [], 0, []],
  ["both", ["-Sp3=y"], 0, []],
  ["both", ["-Sp3=n"], 1, []],
  ["both", ["-Scli=n"], 0, []],
  ["both", ["-Wcomponent-model-async=n"], 0, []],
  ["both", ["-Wconcurrency-support=n"], 1, noHost],
  ["both", ["-Wconcurrency-support=n", "-Sp3=n"], 1, []],
  ["only", [], 0, []],
  ["only", ["-Sp3=n"], 1, ["main", noRun]],
  ["old", [], 0, []],
  ["old", ["-Sp3=n"], 0, []],
  ["old", ["-Wconcurrency-support=n,component-model-async=n", "-Sp3=n"], 0, []],
  ["old", ["-Wconcurrency-support=n,component-model-async"], 1, [noConcurrency]],
  ["old", ["-Wconcurrency-support=n,component-model-threading", "-Sp3=n"], 1, [noConcurrency]],
  ["imports", [], 0, []],
  ["imports", ["-Sp3=n"], 1, ["main", ...noImport]],
  ["imports", ["-Sp3=n", "-Wunknown-imports-trap"], 0, []],
  ["async", [], 0, []],
  ["async", ["-Sp3=n"], 0, []],
  ["errors", [], 1, ["failed to parse WebAssembly module", needsErrors]],
  ["errors", ["-Wcomponent-model-error-context"], 0, []],
  // what is kept of the run before is not taken
  ["errors", ["-Wcomponent-model-error-context=n"], 1, ["failed to parse WebAssembly module", needsErrors]],
  ["errors", ["-Wall-proposals"], 0, []],
  [
    "errors",
    ["-Wall-proposals,component-model-error-context=n"],
    1,
    ["failed to parse WebAssembly module", needsErrors],
  ],
  ["errors", ["-Wcomponent-model-error-context,component-model-async=n"], 0, []],
  ["errors", ["-Wcomponent-model-error-context,concurrency-support=n", "-Sp3=n"], 1, [noConcurrency]],
  ["threads", [], 1, ["failed to parse WebAssembly module", needsThreads]],
  ["threads", ["-Wcomponent-model-threading"], 0, []],
  ["threads", ["-Wcomponent-model-threading=n"], 1, ["failed to parse WebAssembly module", needsThreads]],
  ["threads", ["-Wall-proposals"], 0, []],
  ["async", ["-Wcomponent-model-async=n"], 1, ["failed to parse WebAssembly module", needsAsync]],
  ["async", ["-Wconcurrency-support=n", "-Sp3=n"], 1, ["failed to parse WebAssembly module", needsAsync]],
];

for (const host of here) {
  describe(`WASI 0.3 and its options, on ${host.name}`, { skip: host.skip }, () => {
    const directory = scratchDirectory();
    for (const [guest, flags, status, said] of cases) {
      it(`${guest} with ${flags.join(" ") || "no options"}: ${status} ${said.at(-1) ?? ""}`, async () => {
        const file = await textGuest(directory, guest, guests[guest]);
        const result = await run(host, file, { flags });
        const expected = said.map((line) => (line === "main" ? `failed to run main module \`${file}\`` : line));
        assert.deepEqual(
          chain(result.stderr).map((line) => line.replace(/ \(at offset 0x[0-9a-f]+\)$/, "")),
          expected,
        );
        assert.equal(result.status, status);
      });
    }
  });
}

describe("a trace of error contexts", () => {
  const directory = scratchDirectory();
  const traced = `(component ${libc}
    (core func $new (canon error-context.new ${canonOptions}))
    (core func $message (canon error-context.debug-message ${canonOptions}))
    (core func $drop (canon error-context.drop))
    (core module $m
      (import "" "new" (func $new (param i32 i32) (result i32)))
      (import "" "message" (func $message (param i32 i32)))
      (import "" "drop" (func $drop (param i32)))
      (func (export "ok") (result i32)
        (call $message (call $new (i32.const 0) (i32.const 4)) (i32.const 8)) (call $drop (i32.const 1)) (i32.const 0)))
    (core instance $i (instantiate $m (with "" (instance
      (export "new" (func $new)) (export "message" (func $message)) (export "drop" (func $drop))))))
    (func $ok (result (result)) (canon lift (core func $i "ok")))
    ${exported("0.2.0", "$ok")})`;
  for (const host of here)
    it(`has their built-ins on ${host.name}`, { skip: host.skip }, async () => {
      const file = await textGuest(directory, "traced", traced);
      const { status, stderr } = await run(host, file, { flags: ["-Wcomponent-model-error-context", "--trace=canon"] });
      assert.deepEqual(
        [
          status,
          ...stderr
            .trim()
            .split("\n")
            .map((line) => line.replace(/^ *[\d.]+ /, "").replace(/ <[\d.]+>$/, "")),
        ],
        [
          0,
          "canon error-context.new(4) = 1",
          "canon error-context.debug-message(1) = ok",
          "canon error-context.drop(1) = ok",
        ],
      );
    });
});

describe("a component that may not use async", () => {
  const memory = `(core module $m (memory (export "m") 1)) (core instance $i (instantiate $m))
    (alias core export $i "m" (core memory $mem))`;
  const builtins = [
    ...["task.cancel", "task.return", "context.get i32 0", "context.set i32 0", "thread.yield"],
    ...["subtask.drop", "subtask.cancel", "waitable-set.new", "waitable-set.drop", "waitable.join"],
    ...["backpressure.inc", "backpressure.dec", "waitable-set.wait (memory $mem)", "waitable-set.poll (memory $mem)"],
  ];
  const refused: readonly (readonly [string, string])[] = [
    ["(type (func async))", "async component functions require the component model async feature"],
    ['(import "a" (instance (export "f" (func async))))', "async component functions require"],
    ["(type (stream u8))", needsAsync],
    ["(type (future))", "`future` requires the component model async feature"],
    ["(component (type (future)))", "`future` requires the component model async feature"],
    [
      '(import "a" (func $f)) (core func (canon lower (func $f) async))',
      "canonical option `async` requires the component model async feature",
    ],
    ...builtins.map(
      (builtin) =>
        [
          `${memory} (core func (canon ${builtin}))`,
          `\`${builtin.split(" ")[0]}\` requires the component model`,
        ] as const,
    ),
  ];
  for (const [text, message] of refused)
    it(`${message}: ${text.slice(-40)}`, async () => {
      const bytes = await binary(`(component ${text})`);
      assert.throws(
        () => parseComponent(bytes, new Set()),
        (error) => error instanceof ParseError && error.message.includes(message),
      );
    });

  it("may be one that uses none", async () => {
    parseComponent(await binary(guests.both), new Set());
  });
});

describe("what a component is run by", () => {
  const exported: readonly (readonly [readonly string[], string | undefined, string | undefined])[] = [
    [["wasi:cli/run@0.2.0", "wasi:cli/run@0.3.2"], "wasi:cli/run@0.3.2", "wasi:cli/run@0.2.0"],
    [["wasi:cli/run@0.3.0", "wasi:cli/run@0.2.9"], "wasi:cli/run@0.3.0", "wasi:cli/run@0.2.9"],
    [["wasi:cli/run@0.3.99"], "wasi:cli/run@0.3.99", undefined],
    [["wasi:cli/run"], "wasi:cli/run", "wasi:cli/run"],
    [["wasi:cli/run@0.4.0", "a:b/run@0.3.0"], undefined, undefined],
  ];
  for (const [names, newest, older] of exported)
    it(`of ${names.join(", ")}: ${newest}; without WASI 0.3: ${older}`, () => {
      assert.deepEqual([runOf(names), runOf(names, false)], [newest, older]);
    });
});
