/** The examples in TypeScript of the documentation: each runs, and prints what its comments say. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { after, describe, it } from "node:test";
import { pagePaths, readPage, root } from "../../docs/site/pages.ts";

const command = process.versions["deno"] === undefined ? [] : ["run", "-A", "--no-check"];

/** The guests of the examples, which name each by its file alone. */
const guests = ["hello", "cat", "trap", "tcpecho", "cpu", "upper", "http/serve", "http/serve-hello"];

/** What an example's comments say it prints, in their order; what it runs may print too. */
function promised(example: string): string[] {
  return [...example.matchAll(/^\s*console\.log\(.*; \/\/ (.*)$/gm)].map((m) => m[1]!);
}

describe("examples in TypeScript", () => {
  const folder = mkdtempSync(join(root, "tests/library/pages-"));
  after(() => rmSync(folder, { recursive: true }));
  for (const name of guests)
    copyFileSync(join(root, "tests/guests", `${name}.wasm`), join(folder, `${basename(name)}.wasm`));

  // Those of docs/api are parts of programs.
  const pages = pagePaths.filter((path) => !path.startsWith("docs/api/"));
  const examples = pages.flatMap((path) =>
    readPage(path)
      .blocks.filter(({ language }) => language === "ts")
      .map((block) => ({ ...block, path })),
  );

  it("are there", () => assert.ok(examples.length >= 15));

  examples.forEach(({ path, line, text }, i) => {
    it(`${path}:${line} prints what it says`, () => {
      const file = join(folder, `example-${i}.ts`);
      writeFileSync(file, text.replaceAll('"pollux"', JSON.stringify("../../../src/index.ts")));
      const { stdout, stderr, status } = spawnSync(process.execPath, [...command, file], {
        cwd: folder,
        encoding: "utf8",
      });
      assert.equal(status, 0, stderr);
      const lines = stdout
        .trim()
        .split("\n")
        .filter((printed) => printed !== "");
      const expected = promised(text);
      assert.deepEqual(
        lines.filter((printed) => expected.includes(printed)),
        expected,
        stdout,
      );
    });
  });
});
