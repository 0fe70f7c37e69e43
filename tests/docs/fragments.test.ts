/** Blocks of the documentation that are not run: each can be read as what it is. */
import assert from "node:assert/strict";
import { stripTypeScriptTypes } from "node:module";
import { describe, it } from "node:test";
import { parse } from "smol-toml";
import { pagePaths, readPage } from "../../docs/site/pages.ts";

/** How a block in a language is read. Examples in `ts` run (tests/library/pages.test.ts), and so do tutorials. */
const readers: Readonly<Record<string, (text: string) => unknown>> = {
  js: stripTypeScriptTypes,
  typescript: stripTypeScriptTypes,
  toml: parse,
};

const blocks = pagePaths.flatMap((path) => readPage(path).blocks.map((block) => ({ ...block, path })));

describe("blocks of the documentation", () => {
  for (const { path, line, language, text } of blocks) {
    const read = readers[language];
    if (read !== undefined) it(`${path}:${line} is ${language}`, () => void read(text));
  }

  it("are in languages that a test knows", () => {
    const known = new Set([
      ...["sh", "text", "ts", ...Object.keys(readers)],
      // README's and those of tutorials are built.
      ...["rust", "c", "go", "python", "wit", "diff", "console"],
      // Of systems that no test has.
      ...["ini", "yaml", "dockerfile", "powershell"],
    ]);
    // A drawing has no language.
    assert.deepEqual(
      blocks
        .filter(({ language }) => language !== "" && !known.has(language))
        .map(({ path, line }) => `${path}:${line}`),
      [],
    );
  });
});
