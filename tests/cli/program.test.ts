/** Help, and the commands that run no guest. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { commandHelp, overview } from "../../src/cli/help.ts";
import { type CommandName, commands } from "../../src/cli/options/commands.ts";
import { scan } from "../../src/cli/options/scan.ts";
import { layout } from "../../src/cli/output/layout.ts";
import { runProgram } from "../../src/cli/program.ts";
import { version } from "../../src/cli/version.ts";

const root = join(import.meta.dirname, "../..");
const names = Object.keys(commands) as CommandName[];
const host = { environment: () => undefined };

describe("help", () => {
  for (const columns of [40, 80, 120]) {
    for (const name of names) {
      it(`of ${name} fits ${columns} columns, and is whole`, () => {
        const text = layout(commandHelp(name), columns);
        const wide = text.split("\n").filter((line) => line.length > columns);
        // One word may be wider than a terminal.
        for (const line of wide) assert.doesNotMatch(line.trim(), / {2}|[a-z] [a-z]+ [a-z]/, line);
        const words = (whole: string) => whole.split(/\s+/).filter((word) => word !== "");
        assert.deepEqual(words(text), words(commandHelp(name)));
      });
    }
  }

  it("shows where a value may stand", () => {
    const text = commandHelp("run");
    for (const spelled of [
      "--stats[=<FORMAT>]",
      "--watch[=<HOW>]",
      "--trace[=<WORD[,..]>]",
      "-S, --wasi <KEY[=VAL[,..]]>",
    ])
      assert.ok(text.includes(`  ${spelled}\t`), spelled);
  });

  it("says what is not supported, and puts what is without effect last", () => {
    const text = commandHelp("run");
    const last = text.indexOf("For wasmtime's command lines");
    for (const option of ["--profile", "--target", "--allow-precompiled", "--debug", "--record"])
      assert.ok(text.indexOf(option) > last, option);
    assert.match(text, /--profile <STRATEGY>\t.* \(not supported yet\)$/m);
  });

  it("explains rules, and has examples that the scanner takes", () => {
    assert.match(commandHelp("run"), /^\f?A RULE is \[USE:\]HOST\[:PORTS\]/m);
    for (const name of names) {
      for (const [, line = ""] of commandHelp(name).matchAll(/^ {2}(pollux [^\t]+)\t/gm)) {
        const { problem } = scan(
          line
            .replaceAll(/'| [|>].*/g, "")
            .split(" ")
            .slice(1),
        );
        assert.equal(problem, undefined, line);
      }
    }
  });

  it("names every command in the overview", () => {
    for (const name of names) assert.match(overview(), new RegExp(`^ {2}${name}\\b.*\\t`, "m"));
  });
});

describe("layout", () => {
  const cases: readonly (readonly [text: string, columns: number, expected: string])[] = [
    ["a\tone two\nbcd\tthree", 80, "a    one two\nbcd  three"],
    ["a\tone\n\fbcd\ttwo", 80, "a  one\nbcd  two"],
    ["  one two three", 9, "  one two\n  three"],
    ["t\t0123456789 0123456789 0123456789", 29, "t  0123456789 0123456789\n   0123456789"],
    ["a-term-that-is-long\tone\nb\ttwo", 40, "a-term-that-is-long\n   one\nb  two"],
    ["", 10, ""],
  ];
  for (const [text, columns, expected] of cases) {
    it(JSON.stringify(text), () => assert.equal(layout(text, columns), expected));
  }
});

describe("runProgram", () => {
  it("refuses wasmtime's other commands by name", async () => {
    for (const command of ["config", "compile", "wast"]) {
      await assert.rejects(runProgram(scan([command, "x"]), host), {
        message: `\`pollux ${command}\` is not supported`,
      });
    }
  });

  it("reports a wrong option before it helps", async () => {
    await assert.rejects(runProgram(scan(["-Sfrob", "--help"]), host), /unknown -S \/ --wasi option: frob/);
  });

  const refused: readonly (readonly [string, RegExp])[] = [
    ["help frob", /^UsageError: unrecognized subcommand 'frob'\n\nUsage/],
    [
      "help sevre",
      /^UsageError: unrecognized subcommand 'sevre'\n\n {2}tip: a similar subcommand exists: 'serve'\n\nUsage/,
    ],
    [
      "completion",
      /^UsageError: the following required arguments were not provided:\n {2}<SHELL>\n\nUsage: pollux completion <SHELL>\n/,
    ],
    ["completion tcsh", /^UsageError: invalid value 'tcsh' for '<SHELL>'/],
    [
      "completion bash zsh",
      /^UsageError: unexpected argument 'zsh' found\n\nUsage: pollux completion \[OPTIONS\] <SHELL>\n/,
    ],
    ["cache --frob", /^UsageError: unexpected argument '--frob' found\n/],
    [
      "inspect",
      /^UsageError: the following required arguments were not provided:\n {2}<WASM>\n\nUsage: pollux inspect <WASM>\n/,
    ],
    ["inspect a.wasm b.wasm", /^UsageError: unexpected argument 'b.wasm' found/],
    [
      "inspect --jsn a.wasm",
      /^UsageError: unexpected argument '--jsn' found\n\n {2}tip: a similar argument exists: '--json'/,
    ],
  ];
  for (const [line, message] of refused) {
    it(line, () => assert.rejects(runProgram(scan(line.split(" ")), host), message));
  }
});

describe("help of pollux dev", () => {
  it("has the option of its own first", () => {
    assert.match(commandHelp("dev"), /Examples:\n[^\f]*\f\nProject:\n {6}--build [^\n]*\n\nServer:/);
  });
});

describe("the version", () => {
  for (const file of ["package.json", "deno.json"]) {
    it(`is ${file}'s`, () => {
      const manifest: { version: string } = JSON.parse(readFileSync(join(root, file), "utf8"));
      assert.equal(manifest.version, version);
    });
  }
});
