/** --config: what a file sets, and what is said of one that is wrong. As wasmtime 48.0.8 has it. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { checkCacheConfig } from "../../../src/cli/options/cache-config.ts";
import { withConfig } from "../../../src/cli/options/config-file.ts";
import { settings } from "../../../src/cli/options/read-settings.ts";
import { scan } from "../../../src/cli/options/scan.ts";
import type { Settings } from "../../../src/cli/options/settings.ts";
import { Failure } from "../../../src/cli/output/failure.ts";
import { guestFile, run } from "../../e2e/host.ts";
import { chain, command, here, scratchDirectory, textGuest } from "../here.ts";

const scratch = scratchDirectory();
const file = join(scratch, "pollux.toml");

/** The settings of a command line with this file. */
function configured(toml: string | Uint8Array, ...argv: readonly string[]): Settings {
  writeFileSync(file, toml);
  const asked = settings(scan([...argv, "a.wasm"]).options);
  assert.ok(!("help" in asked));
  return withConfig(asked, file);
}

describe("a file of options", () => {
  const good: readonly (readonly [string, readonly string[], Partial<Settings>])[] = [
    ["", [], { wasm: {}, wasi: {} }],
    ["[wasm]\n", [], { wasm: {} }],
    [
      "[wasi]\ntcp = true\nudp = false\ncwd = '/w'\nmax-resources = 7\n",
      [],
      { wasi: { tcp: true, udp: false, cwd: "/w", "max-resources": 7n } },
    ],
    ["wasi.tcp = true\n[wasm]\nmax-tables = 3 # a few\n", [], { wasi: { tcp: true }, wasm: { "max-tables": 3n } }],
    ["wasm = { timeout = { secs = 2, nanos = 5 } }\n", [], { wasm: { timeout: 2_000_000_005n } }],
    [
      "[optimize]\nopt-level = 2\n[codegen]\ninlining = 'gc'\n",
      [],
      { optimize: { "opt-level": "2" }, codegen: { inlining: "gc" } },
    ],
    // The command line counts; lists add up.
    ["[wasi]\ntcp = true\nudp = true\n", ["-Stcp=n"], { wasi: { tcp: false, udp: true } }],
    ["[wasi]\ntcplisten = ['a', 'b']\n", ["-Stcplisten=c"], { wasi: { tcplisten: ["a", "b", "c"] } }],
    ["[debug]\narg = ['x']\n", [], { debug: { arg: ["x"] } }],
  ];
  for (const [toml, argv, expected] of good) {
    it(`${JSON.stringify(toml)} ${argv.join(" ")}`, () => {
      const { optimize, codegen, debug, wasm, wasi } = configured(toml, ...argv);
      assert.deepEqual(
        { optimize, codegen, debug, wasm, wasi },
        { optimize: {}, codegen: {}, debug: {}, wasm: {}, wasi: {}, ...expected },
      );
    });
  }

  /** The file, the place and the line shown there, and the problem. */
  const bad: readonly (readonly [string, number, number, string, number, string | RegExp])[] = [
    [
      "x = 1",
      1,
      1,
      "x = 1",
      1,
      "unknown field `x`, expected one of `optimize`, `codegen`, `debug`, `wasm`, `wasi`, `record`",
    ],
    ["wasm = 3", 1, 8, "wasm = 3", 1, "invalid type: integer `3`, expected struct WasmOptions"],
    [
      "[wasm]\nfrob = true",
      2,
      1,
      "frob = true",
      4,
      /^unknown field `frob`, expected one of `nan-canonicalization`, `fuel`/,
    ],
    ["[wasm]\nmax_memories = 1", 2, 1, "max_memories = 1", 12, /^unknown field `max_memories`/],
    ["[wasi]\nconfig-var = []", 2, 1, "config-var = []", 10, /^unknown field `config-var`, (?!.*config-var)/],
    ["[wasi]\nnn-graph = []", 2, 1, "nn-graph = []", 8, /^unknown field `nn-graph`, (?!.*nn-graph)/],
    ["[wasm]\nsimd = 'yes'", 2, 8, "simd = 'yes'", 5, 'invalid type: string "yes", expected a boolean'],
    ["[wasm]\nmax-tables = 'x' # x", 2, 14, "max-tables = 'x' # x", 3, 'invalid type: string "x", expected usize'],
    ["[wasi]\nmax-resources = -1", 2, 17, "max-resources = -1", 2, "invalid value: integer `-1`, expected usize"],
    [
      "[wasi]\nmax-resources = 1.5",
      2,
      17,
      "max-resources = 1.5",
      3,
      "invalid type: floating point `1.5`, expected usize",
    ],
    ["[wasi]\ncwd = true", 2, 7, "cwd = true", 4, "invalid type: boolean `true`, expected a string"],
    ["[wasi]\ntcplisten = 'a'", 2, 13, "tcplisten = 'a'", 3, 'invalid type: string "a", expected a sequence'],
    ["[wasm]\ntimeout = 1", 2, 11, "timeout = 1", 1, "invalid type: integer `1`, expected struct Duration"],
    ["[wasm.timeout]\nsecs = 1", 1, 1, "[wasm.timeout]", 14, "missing field `nanos`"],
    ["[optimize]\nopt-level = 7", 2, 13, "opt-level = 7", 1, "unknown optimization level `7`, only 0,1,2,s accepted"],
    ["[wasm", 1, 2, "[wasm", 1, /./],
    [`${"\n".repeat(9)}[wasi]\n  cwd = 5`, 11, 9, "  cwd = 5", 1, "invalid type: integer `5`, expected a string"],
  ];
  for (const [toml, line, column, shown, length, problem] of bad) {
    it(`refuses ${JSON.stringify(toml)}`, () => {
      assert.throws(
        () => configured(toml),
        (error) => {
          assert.ok(error instanceof Failure);
          assert.equal(error.message, `failed to parse TOML config file "${file}"`);
          const gutter = " ".repeat(String(line).length);
          const head = [
            `TOML parse error at line ${line}, column ${column}`,
            `${gutter} |`,
            `${line} | ${shown}`,
            `${gutter} | ${" ".repeat(column - 1)}${"^".repeat(length)}`,
          ];
          const lines = error.causes[0]?.split("\n") ?? [];
          assert.deepEqual([...lines.slice(0, 4), lines.at(-1)], [...head, ""]);
          if (typeof problem === "string") assert.equal(lines[4], problem);
          else assert.match(lines[4] ?? "", problem);
          return true;
        },
      );
    });
  }

  it("refuses what is no text, and names what is not there", () => {
    assert.throws(() => configured(new Uint8Array([0xff])), { causes: ["stream did not contain valid UTF-8"] });
    const asked = settings([]);
    assert.ok(!("help" in asked));
    assert.throws(() => withConfig(asked, join(scratch, "none.toml")), {
      message: `failed to read config file: "${join(scratch, "none.toml")}"`,
      causes: ["No such file or directory (os error 2)"],
    });
    assert.throws(() => withConfig(asked, scratch), { causes: ["Is a directory (os error 21)"] });
  });
});

describe("wasmtime's settings of its cache", () => {
  const path = join(scratch, "cache.toml");
  const check = (toml: string | Uint8Array) => {
    writeFileSync(path, toml);
    checkCacheConfig(path);
  };

  it("are accepted", () => {
    check("[cache]\n");
    check("[cache]\ndirectory = '/c'\ncleanup-interval = '1d'\n");
    check("cache = {}\n");
  });

  /** The file, and the last lines of what is said. */
  const bad: readonly (readonly [string, string])[] = [
    ["", "1 | \n  | ^\nmissing field `cache`"],
    ["cache = 1", "1 | cache = 1\n  | ^\nmissing field `cache`"],
    ["[cache]\n[x]", "2 | [x]\n  | ^^^\nunknown field `x`, expected `cache`"],
    [
      "[cache]\nenabled = true",
      "2 | enabled = true\n  | ^^^^^^^\nunknown field `enabled`, expected one of `directory`",
    ],
    ["[cache", "1 | [cache\n  |  ^\n"],
  ];
  for (const [toml, end] of bad) {
    it(`refuse ${JSON.stringify(toml)}`, () => {
      assert.throws(
        () => check(toml),
        (error) => {
          assert.ok(error instanceof Failure);
          assert.equal(error.message, `failed to parse config file: ${path}`);
          const [cause = ""] = error.causes;
          assert.ok(cause.includes(`\n${end}`), cause);
          return true;
        },
      );
    });
  }

  it("need an absolute directory, and a file of text", () => {
    assert.throws(() => check("[cache]\ndirectory = 'c'"), {
      message: "Cache directory path has to be absolute, path: c",
    });
    assert.throws(() => check(new Uint8Array([0xff])), { causes: ["stream did not contain valid UTF-8"] });
    assert.throws(() => checkCacheConfig(scratch), {
      message: `failed to read config file: ${scratch}`,
      causes: ["Is a directory (os error 21)"],
    });
  });
});

for (const host of here) {
  describe(`--config on ${host.name}`, { skip: host.skip }, () => {
    let guest: string;
    before(async () => {
      guest = await textGuest(scratch, `guest-${host.name}`, command("i32.const 0", "(memory 1)"));
    });

    it("limits a guest; the command line has the last word", async () => {
      const toml = join(scratch, `${host.name} é.toml`);
      writeFileSync(toml, "[wasm]\nmax-memories = 0\n");
      const limited = await run(host, guest, { flags: ["--config", toml] });
      assert.equal(chain(limited.stderr).at(-1), "resource limit exceeded: memory count too high at 1");
      assert.equal(limited.status, 1);
      const { status, stderr } = await run(host, guest, { flags: [`--config=${toml}`, "-Wmax-memories=1"] });
      assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
    });

    it("ends with 1 before the guest is looked for", async () => {
      const ended = await run(host, guestFile("no-such"), { flags: ["--config", join(scratch, "none.toml")] });
      assert.deepEqual(chain(ended.stderr)[0], `failed to read config file: "${join(scratch, "none.toml")}"`);
      assert.equal(ended.status, 1);
    });

    it("the cache's settings likewise, unless there is to be no cache", async () => {
      const none = join(scratch, "none.toml");
      const ended = await run(host, guestFile("no-such"), { flags: [`-Ccache-config=${none}`] });
      assert.deepEqual(chain(ended.stderr), [
        `failed to read config file: ${none}`,
        "No such file or directory (os error 2)",
      ]);
      assert.equal(ended.status, 1);
      assert.equal((await run(host, guest, { flags: [`-Ccache=n,cache-config=${none}`] })).status, 0);
    });
  });
}
