import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { commandNames } from "../../../src/cli/options/commands.ts";
import { scan } from "../../../src/cli/options/scan.ts";

/** What was scanned, as words: the options by their long names. */
function scanned(argv: readonly string[]) {
  const { command, options, rest, problem } = scan(argv);
  const given = options.map(({ flag, value }) => (value === undefined ? flag.long : `${flag.long}: ${value}`));
  return { command, options: given, rest, problem: problem?.message };
}

describe("scan", () => {
  const splits: readonly (readonly [string, string | undefined, readonly string[], readonly string[]])[] = [
    // command line | command | options | file and guest's arguments
    ["a.wasm", undefined, [], ["a.wasm"]],
    ["run a.wasm", "run", [], ["a.wasm"]],
    ["run -Stcp a.wasm -Sudp -h -- 007", "run", ["wasi: tcp"], ["a.wasm", "-Sudp", "-h", "--", "007"]],
    ["run -S tcp a.wasm", "run", ["wasi: tcp"], ["a.wasm"]],
    ["run -S=tcp a.wasm", "run", ["wasi: tcp"], ["a.wasm"]],
    ["run --wasi tcp a.wasm", "run", ["wasi: tcp"], ["a.wasm"]],
    ["run --wasi=tcp a.wasm", "run", ["wasi: tcp"], ["a.wasm"]],
    ["-Stcp,udp=n -Scwd=/x=y a", undefined, ["wasi: tcp,udp=n", "wasi: cwd=/x=y"], ["a"]],
    [
      "-W simd -O1 -Ccache=n -D x -R y a",
      undefined,
      ["wasm: simd", "optimize: 1", "codegen: cache=n", "debug: x", "record: y"],
      ["a"],
    ],
    ["--env A=007 --env B --argv0 0x10 a", undefined, ["env: A=007", "env: B", "argv0: 0x10"], ["a"]],
    ["--argv0= a", undefined, ["argv0: "], ["a"]],
    ["--argv0 run a", undefined, ["argv0: run"], ["a"]],
    ["-vStcp a", undefined, ["verbose", "wasi: tcp"], ["a"]],
    ["-vS tcp a", undefined, ["verbose", "wasi: tcp"], ["a"]],
    // The first `--` is dropped, and only before the file.
    ["-- a -- b", undefined, [], ["a", "--", "b"]],
    ["run -- p.wat -- -- -a b", "run", [], ["p.wat", "--", "--", "-a", "b"]],
    ["-- run", undefined, [], ["run"]],
    ["-Stcp -- -Sudp", undefined, ["wasi: tcp"], ["-Sudp"]],
    // A command's name is one only when it comes first.
    ["-Stcp run a", undefined, ["wasi: tcp"], ["run", "a"]],
    ["run run", "run", [], ["run"]],
    ["frob", undefined, [], ["frob"]],
    ["compile -x a", "compile", [], ["-x", "a"]],
    ["- x", undefined, [], ["-", "x"]],
    ["-S - a", undefined, ["wasi: -"], ["a"]],
    // Help and the version end it where they are met.
    ["-Stcp --help -Sx a", undefined, ["wasi: tcp", "help"], []],
    ["run -hx", "run", ["help"], []],
    ["-V3", undefined, ["version"], []],
    ["", undefined, [], []],
  ];
  for (const [line, command, options, rest] of splits) {
    it(`pollux ${line}`, () => {
      const argv = line.split(" ").filter((word) => word !== "");
      assert.deepEqual(scanned(argv), { command, options, rest, problem: undefined });
    });
  }

  const RUN = "Usage: pollux run [OPTIONS] <WASM>...";
  const BARE = "Usage: pollux [OPTIONS] <WASM>...\n       pollux <COMMAND>";
  const GROUP = "<KEY[=VAL[,..]]>";
  const value = (word: string) => `  tip: to pass '${word}' as a value, use '-- ${word}'`;
  const similar = (word: string) => `  tip: a similar argument exists: '${word}'`;
  const needsValue = (spelled: string) => `a value is required for '${spelled}' but none was supplied`;
  /** As wasmtime 48.0.8 prints them. */
  const problems: readonly (readonly [string, ...string[]])[] = [
    ["run --mapdir x", "unexpected argument '--mapdir' found", value("--mapdir"), RUN],
    ["run --mapdir=a x", "unexpected argument '--mapdir' found", value("--mapdir"), RUN],
    ["--mapdir x", "unexpected argument '--mapdir' found", value("--mapdir"), BARE],
    ["-x", "unexpected argument '-x' found", value("-x"), BARE],
    ["run --argv0 x -y", "unexpected argument '-y' found", value("-y"), RUN],
    ["run -1", "unexpected argument '-1' found", value("-1"), RUN],
    ["run ---x", "unexpected argument '---x' found", value("---x"), RUN],
    ["run --=x", "unexpected argument '--' found", value("--"), RUN],
    ["run -V", "unexpected argument '-V' found", value("-V"), RUN],
    [
      "run --prelod c",
      "unexpected argument '--prelod' found",
      `${similar("--preload")}\n${value("--prelod")}`,
      "Usage: pollux run --preload <NAME=MODULE_PATH> <WASM>...",
    ],
    [
      "-Stcp -Sudp --vers",
      "unexpected argument '--vers' found",
      `${similar("--version")}\n${value("--vers")}`,
      `Usage: pollux --wasi ${GROUP} --version <WASM>...`,
    ],
    [
      "run --env a --argv0 x -Stcp -Sudp --mapdir",
      "unexpected argument '--mapdir' found",
      value("--mapdir"),
      `Usage: pollux run --env <NAME[=VAL]> --argv0 <ARGV0> --wasi ${GROUP} <WASM>...`,
    ],
    ["-S", needsValue(`--wasi ${GROUP}`)],
    ["-S -Stcp", needsValue(`--wasi ${GROUP}`)],
    ["run --env", needsValue("--env <NAME[=VAL]>")],
    ["run --env -- x", needsValue("--env <NAME[=VAL]>")],
    ["run --env -x a", "unexpected argument '-x' found", value("-x"), RUN],
    ["run --argv0 a --argv0 b x", "the argument '--argv0 <ARGV0>' cannot be used multiple times", RUN],
    [
      "run --allow-precompiled=x a",
      "unexpected value 'x' for '--allow-precompiled' found; no more were expected",
      "Usage: pollux run --allow-precompiled <WASM>...",
    ],
    ["--help=", "unexpected value '' for '--help' found; no more were expected", "Usage: pollux --help <WASM>..."],
  ];
  for (const [line, ...paragraphs] of problems) {
    it(`pollux ${line}: ${paragraphs[0]}`, () => {
      const expected = [...paragraphs, "For more information, try '--help'."].join("\n\n");
      assert.equal(scanned(line.split(" ")).problem, expected);
    });
  }

  it("keeps the options before a problem", () => {
    assert.deepEqual(scanned(["-Shelp", "--nope"]).options, ["wasi: help"]);
  });

  it("gives the guest whatever follows the file, as it is", () => {
    const options = fc.constantFrom("-Stcp", "-S=udp=n", "--wasi=tcp", "--env=A=1", "-v", "-Ccache=n");
    const file = fc.string().filter((word) => !word.startsWith("-") && !commandNames.has(word));
    fc.assert(
      fc.property(
        fc.constantFrom([], ["run"]),
        fc.uniqueArray(options),
        file,
        fc.array(fc.string()),
        (run, some, name, args) => {
          const { rest, problem } = scan([...run, ...some, name, ...args]);
          assert.equal(problem, undefined);
          assert.deepEqual(rest, [name, ...args]);
        },
      ),
    );
  });
});
