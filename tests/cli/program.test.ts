import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { CAC } from "cac";
import { commandNames } from "../../src/cli/options/commands.ts";
import { scan } from "../../src/cli/options/scan.ts";
import { cacArguments, declareCommands, runProgram } from "../../src/cli/program.ts";
import { version } from "../../src/cli/version.ts";

const root = join(import.meta.dirname, "../..");

describe("what cac is given", () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["--help", ["--help"]],
    ["-h", ["--help"]],
    ["-V", ["--version"]],
    ["run --help", ["run", "--help"]],
    ["run -Stcp -W=simd -v -h", ["run", "--wasi=tcp", "--wasm=simd", "--verbose", "--help"]],
    ["help", ["--help"]],
    ["help run", ["run", "--help"]],
    ["help help", ["--help"]],
    ["help --help", ["--help"]],
    ["help -h", ["--help"]],
  ];
  for (const [line, expected] of cases) {
    it(`pollux ${line}`, () => {
      const { command, options, rest } = scan(line.split(" "), commandNames);
      const args = cacArguments(command, options, rest);
      assert.deepEqual(args, expected);
      const cac = declareCommands(new CAC("pollux"), { environment: () => undefined });
      const { options: parsed } = cac.parse(["", "", ...args], { run: false });
      assert.ok("help" in parsed || "version" in parsed);
    });
  }

  it("nothing of a command that does not exist", () => {
    assert.throws(() => cacArguments("help", [], ["frob"]), /^UsageError: unrecognized subcommand 'frob'/);
  });
});

describe("the help of run", () => {
  const run = declareCommands(new CAC("pollux"), { environment: () => undefined }).commands.find(
    ({ name }) => name === "run",
  );
  const lines = new Map(run?.options.map(({ rawName, description }) => [rawName, description]));

  it("shows where a value may stand", () => {
    for (const spelled of [
      "--stats[=FORMAT]",
      "--watch[=HOW]",
      "--trace[=WORD[,..]]",
      "-S, --wasi <KEY[=VAL[,..]]>",
      "--listenfd",
    ])
      assert.ok(lines.has(spelled), [...lines.keys()].join("\n"));
  });

  it("says what is not supported", () => {
    for (const [spelled, doc] of lines)
      assert.equal(/not supported yet/.test(doc), /^--(?:profile|target) /.test(spelled), `${spelled} ${doc}`);
  });
});

describe("runProgram", () => {
  it("refuses wasmtime's other commands by name", () => {
    for (const command of ["config", "compile", "wast"]) {
      assert.throws(() => runProgram(scan([command, "x"], commandNames), { environment: () => undefined }), {
        message: `\`pollux ${command}\` is not supported`,
      });
    }
  });

  it("reports a wrong option before it helps", () => {
    assert.throws(
      () => runProgram(scan(["-Sfrob", "--help"], commandNames), { environment: () => undefined }),
      /unknown -S \/ --wasi option: frob/,
    );
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
