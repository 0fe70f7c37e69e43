import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseOptions } from "./options.ts";

const none = {
  quick: false,
  markdown: false,
  only: [],
  hosts: undefined,
  json: undefined,
  chart: false,
  soak: undefined,
};

describe("the benchmark's options", () => {
  const cases: [string[], ReturnType<typeof parseOptions>][] = [
    [[], none],
    [["--quick", "--markdown"], { ...none, quick: true, markdown: true }],
    [["--only", "echo", "--only", "calls"], { ...none, only: ["echo", "calls"] }],
    [["--hosts", "bun,node"], { ...none, hosts: ["bun", "node"] }],
    [["--json", "out.json"], { ...none, json: "out.json" }],
    [["--chart"], { ...none, chart: true }],
    [["--soak"], { ...none, soak: { command: "run", seconds: 600 } }],
    [["--soak", "--minutes", "0.5"], { ...none, soak: { command: "run", seconds: 30 } }],
    [["--soak-serve"], { ...none, soak: { command: "serve", seconds: 600 } }],
    [["--soak-serve", "--seconds", "90"], { ...none, soak: { command: "serve", seconds: 90 } }],
    [["--help"], undefined],
  ];
  for (const [argv, expected] of cases)
    it(argv.join(" ") || "none", () => assert.deepEqual(parseOptions(argv), expected));

  it("refuses what it does not know", () => {
    assert.throws(() => parseOptions(["--fast"]), /--fast/);
    assert.throws(() => parseOptions(["echo"]), /echo/);
    assert.throws(() => parseOptions(["--minutes", "3"]), /--soak/);
    assert.throws(() => parseOptions(["--seconds", "3"]), /--soak/);
    assert.throws(() => parseOptions(["--soak", "--minutes", "ten"]), /ten/);
    assert.throws(() => parseOptions(["--soak", "--soak-serve"]), /one of them/);
  });
});
