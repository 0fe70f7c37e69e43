/** `run --stats`: its option, its arithmetic, and as real processes on the runtime that runs this test. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { describe, it } from "node:test";
import { commandNames } from "../../src/cli/options/commands.ts";
import { scan } from "../../src/cli/scan.ts";
import { settings } from "../../src/cli/settings.ts";
import { Stats } from "../../src/cli/stats.ts";
import { guestFile, type Host, hosts } from "../e2e/host.ts";

describe("--stats", () => {
  const lines: readonly (readonly [string, string | undefined | RegExp])[] = [
    ["a.wasm", undefined],
    ["--stats a.wasm", "text"],
    ["--stats=text a.wasm", "text"],
    ["run --stats=json a.wasm", "json"],
    ["--stats -v a.wasm", "text"],
    ["a.wasm --stats", undefined],
    ["--stats=xml a.wasm", /^invalid value 'xml' for '--stats\[=<FORMAT>\]': expected text or json/],
    ["--stats= a.wasm", /^invalid value ''/],
  ];
  for (const [line, expected] of lines) {
    it(line, () => {
      const { options, rest } = scan(line.split(" "), commandNames);
      assert.equal(rest[0], "a.wasm");
      if (expected instanceof RegExp) return assert.throws(() => settings(options), { message: expected });
      const given = settings(options);
      assert.ok("stats" in given);
      assert.equal(given.stats, expected);
    });
  }
});

describe("Stats", () => {
  /** The phases entered at these times, and the report asked for at the last. */
  function stats(...times: readonly number[]): Stats {
    const left = [...times];
    return new Stats(() => left.shift()!);
  }

  it("adds up what each phase took, in the order of a run", () => {
    const made = stats(10, 11.5, 20, 24, 25, 100);
    for (const phase of ["read", "link", "compile", "link", "run"] as const) made.enter(phase);
    const expected = { start: 10, read: 1.5, link: 9.5, compile: 4, run: 75 };
    assert.deepEqual(JSON.parse(made.report("json")), { phases: expected, total: 100 });
  });

  it("writes a line a phase", () => {
    const made = stats(1.23456, 1234.5);
    made.enter("read");
    assert.equal(
      made.report("text"),
      ["start         1.235 ms", "read       1233.265 ms", "total      1234.500 ms", ""].join("\n"),
    );
  });
});

const runtime = process.versions["bun"] ? "bun" : process.versions["deno"] ? "deno" : "node";

function pollux(host: Host, args: readonly string[]) {
  const [program, ...first] = host.command;
  const options = { encoding: "utf8", timeout: 60_000 } as const;
  const { error, status, stdout, stderr } = spawnSync(program!, [...first, ...args], options);
  if (error) throw error;
  return { status, stdout, stderr };
}

for (const host of hosts.filter(({ name }) => name === runtime)) {
  describe(`--stats on ${host.name}`, () => {
    it("says on stderr what the phases of a run took", () => {
      const { status, stdout, stderr } = pollux(host, ["run", "--stats", guestFile("hello")]);
      assert.deepEqual({ status, stdout }, { status: 0, stdout: "hello, world\n" });
      const names = stderr.match(/^\w+(?= +\d+\.\d{3} ms$)/gm);
      assert.deepEqual(names, ["start", "read", "machine", "parse", "link", "compile", "run", "total"]);
    });

    it("says so of a run that ends in an error too", () => {
      const { status, stderr } = pollux(host, ["--stats=json", guestFile("trap"), "unreachable"]);
      assert.equal(status, 134);
      const [first, ...error] = stderr.split("\n");
      const { phases }: { phases: Record<string, number> } = JSON.parse(first!);
      assert.ok(phases["run"]! > 0);
      assert.match(error.join("\n"), /^Error: failed to run main module/);
    });

    it("says of a file that cannot be read how far it came", () => {
      const { status, stderr } = pollux(host, ["--stats=json", "nope.wasm"]);
      assert.equal(status, 1);
      assert.deepEqual(Object.keys(JSON.parse(stderr.split("\n")[0]!).phases), ["start", "read"]);
    });
  });
}
