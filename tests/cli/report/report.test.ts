import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Failure, quoted } from "../../../src/cli/output/failure.ts";
import { report } from "../../../src/cli/report/report.ts";
import { Trap } from "../../../src/core/wait/errors.ts";
import { UnsupportedRuntime } from "../../../src/machine/unsupported-runtime.ts";
import { EngineTrap } from "../../../src/wasm/engine-trap.ts";
import { LinkError, ParseError } from "../../../src/wasm/errors.ts";

const MAIN = "Error: failed to run main module `dir/a.wasm`";

describe("report", () => {
  /** Shapes of wasmtime 48.0.8. */
  const cases: readonly (readonly [string, unknown, number, string])[] = [
    ["a failure without a cause", new Failure("no"), 1, "Error: no\n"],
    ["with one cause", new Failure("no", ["why"]), 1, "Error: no\n\nCaused by:\n    why\n\n"],
    ["with two", new Failure("no", ["why", "and why"]), 1, "Error: no\n\nCaused by:\n    0: why\n    1: and why\n\n"],
    [
      "a broken binary",
      new ParseError("malformed section id", 8),
      1,
      "Error: failed to parse WebAssembly module\n\nCaused by:\n    malformed section id (at offset 0x8)\n\n",
    ],
    [
      "a core module that the engine refuses",
      new WebAssembly.CompileError(
        "WebAssembly.Module(): section is too long @+8 (evaluating 'new WebAssembly.Module(t)')",
      ),
      1,
      "Error: failed to compile WebAssembly module\n\nCaused by:\n    section is too long @+8\n\n",
    ],
    [
      "an import that nobody provides",
      new LinkError("a:b/c", [
        "component imports instance `a:b/c@0.1.0`, but ...",
        "instance export `f` has the wrong type",
      ]),
      1,
      `${MAIN}\n\nCaused by:\n    0: component imports instance \`a:b/c@0.1.0\`, but ...\n    1: instance export \`f\` has the wrong type\n\n`,
    ],
    [
      "a rule that the guest broke",
      new Trap("unknown handle index 7"),
      1,
      `${MAIN}\n\nCaused by:\n    0: failed to invoke \`run\` function\n    1: unknown handle index 7\n\n`,
    ],
    [
      "a trap of the engine",
      new EngineTrap("wasm trap: wasm `unreachable` instruction executed"),
      134,
      `${MAIN}\n\nCaused by:\n    0: failed to invoke \`run\` function\n    1: wasm trap: wasm \`unreachable\` instruction executed\n\n`,
    ],
    ["a machine that it does not run on", new UnsupportedRuntime("Use Node 26."), 1, "Error: Use Node 26.\n"],
    [
      "a permission of Deno's that was not given",
      Object.assign(new Error("Requires run access, run again with the --allow-run flag"), { name: "NotCapable" }),
      1,
      "Error: Requires run access, run again with the --allow-run flag\n",
    ],
  ];
  for (const [name, error, status, text] of cases) {
    it(name, () => {
      const said = report(error, "dir/a.wasm");
      assert.deepEqual([said.text, said.status], [text, status]);
    });
  }

  it("prints the frames of a trap", () => {
    const trap = new Trap("empty poll list");
    trap.frames = [
      { offset: 0x1a2b, module: "echo", func: "wait" },
      { offset: undefined, module: undefined, func: "<wasm function 7>" },
    ];
    assert.equal(
      report(trap, "dir/a.wasm").text,
      [
        MAIN,
        "",
        "Caused by:",
        "    0: failed to invoke `run` function",
        "    1: error while executing at wasm backtrace:",
        "    0:   0x1a2b - echo!wait",
        "    1: <unknown>!<wasm function 7>",
        "    2: empty poll list",
        "",
        "",
      ].join("\n"),
    );
  });

  it("says of anything else that it is a bug, with its stack", () => {
    const { text, status } = report(new TypeError("x is not a function"), "a.wasm");
    assert.equal(status, 1);
    assert.match(text, /^Error: this is a bug in Pollux, please report it: TypeError: x is not a function\n/);
    assert.match(text, /report\.test/);
    assert.match(report("thrown", "a.wasm").text, /bug in Pollux.*: thrown\n$/);
  });
});

describe("quoted", () => {
  it("escapes as Rust does", () => {
    assert.equal(quoted(`a"b\\c\nd\u0001é`), `"a\\"b\\\\c\\nd\\u{1}é"`);
  });
});
