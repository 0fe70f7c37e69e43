/** What the standalone binary has ready to say is what the program would. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { describe, it } from "node:test";
import { commands } from "../../src/cli/options/commands.ts";
import { hostsNamed } from "../e2e/host.ts";

const [bun, binary] = hostsNamed("bun", "binary").map(
  ({ command: [program = "", ...first] }) =>
    (words: readonly string[]) => {
      const { status, stdout, stderr } = spawnSync(program, [...first, ...words], {
        encoding: "utf8",
        timeout: 60_000,
      });
      return { status, stdout, stderr };
    },
);

describe("the binary's texts", { skip: !!process.versions["bun"] || !!process.versions["deno"] }, () => {
  const lines = [
    ["--version"],
    ["-V"],
    ["--help"],
    ["-h"],
    ["help"],
    ["run", "--help", "run"],
    ["run --help"],
    ["--version", ""],
    ...Object.keys(commands).flatMap((name) => [
      [name, "--help"],
      [name, "-h"],
      ["help", name],
    ]),
  ];
  for (const words of lines) {
    it(JSON.stringify(words), () => {
      assert.deepEqual(binary!(words), bun!(words));
    });
  }
});
