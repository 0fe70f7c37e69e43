import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const examples = [...readFileSync(join(root, "README.md"), "utf8").matchAll(/```ts\n(.*?)```/gs)].map((m) => m[1]!);
const command = process.versions["deno"] === undefined ? [] : ["run", "-A", "--no-check"];

/** What an example's comments say it prints, in their order; what it runs may print too. */
function promised(example: string): string[] {
  return [...example.matchAll(/^\s*console\.log\(.*; \/\/ (.*)$/gm)].map((m) => m[1]!);
}

describe("the examples of README", () => {
  const folder = mkdtempSync(join(root, "tests", "library", "readme-"));
  after(() => rmSync(folder, { recursive: true }));

  it("are there", () => assert.ok(examples.length >= 3));

  examples.forEach((example, i) => {
    it(`number ${i + 1} prints what it says`, () => {
      const file = join(folder, `example-${i}.ts`);
      const local = example
        .replaceAll('"pollux"', JSON.stringify("../../../src/index.ts"))
        .replaceAll('new URL("', 'new URL("../../../');
      writeFileSync(file, local);
      const { stdout, stderr, status } = spawnSync(process.execPath, [...command, file], { encoding: "utf8" });
      assert.equal(status, 0, stderr);
      const lines = stdout
        .trim()
        .split("\n")
        .filter((line) => line !== "");
      const expected = promised(example);
      assert.deepEqual(
        lines.filter((line) => expected.includes(line)),
        expected,
        stdout,
      );
    });
  });
});
