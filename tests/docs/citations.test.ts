/** Documents that the sources cite: each is in the repository. */
import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { readPage, root } from "../../docs/site/pages.ts";

/** Pages of the specifications: of the component model, and of WASI preview 1. */
const specifications: ReadonlySet<string> = new Set(["CanonicalABI.md", "Explainer.md", "WIT.md", "witx-docs.md"]);

/** What a source names in vain: documents of ours that are not there, and sections by letter and number, which none has. */
function namedInVain(text: string): string[] {
  const documents = [...text.matchAll(/(?<![\w./-])(?:docs\/)?[\w-]+\.md\b/g)].map(([name]) => name);
  const sections = [...text.matchAll(/\b(?:[Ss]ections? [A-F](?:\.\d+)?|[A-F]\.\d+ of )\b/g)].map(([name]) => name);
  const missing = documents.filter((name) => !specifications.has(name) && !existsSync(join(root, name)));
  return [...missing, ...sections];
}

describe("documents that the sources cite", () => {
  it("are there", () => {
    const files = globSync("{src,bin,build,release,tests,examples}/**/*.{ts,c,sh}", {
      cwd: root,
      // These are about documents that they make up.
      exclude: ["tests/guests/build/**", "tests/docs/**", "tests/package/contents.test.ts"],
    });
    assert.ok(files.length > 500);
    const found = files.flatMap((file) =>
      namedInVain(readFileSync(join(root, file), "utf8")).map((name) => `${file}: ${name}`),
    );
    assert.deepEqual(found, []);
  });

  it("are missed when they are not", () => {
    const text = "see docs/cli.md, README.md, design.md, docs/gone.md#x and section B.4";
    assert.deepEqual(namedInVain(text), ["design.md", "docs/gone.md", "section B.4"]);
  });
});

/** Sources that a page names in backquotes and that are not there: by path, or by the last part of one. */
function missingSources(text: string, sources: readonly string[]): string[] {
  const named = [...text.matchAll(/`((?:[\w.-]+\/)*[\w.-]+\.ts)`/g)].map(([, name]) => name!);
  return named.filter((name) => !sources.some((path) => path === name || path.endsWith(`/${name}`)));
}

describe("sources that pages name", () => {
  const sources = globSync("{*,{src,bin,build,release,tests,examples,docs}/**/*}.ts", { cwd: root, exclude: ["**/node_modules/**"] });

  for (const path of ["CONTRIBUTING.md", "RATIONALE.md", "docs/ARCHITECTURE.md"]) {
    it(`of ${path} are there`, () => assert.deepEqual(missingSources(readPage(path).text, sources), []));
  }

  it("are missed when they are not", () => {
    assert.deepEqual(missingSources("`wait/poll.ts` `all.ts` `core/gone.ts`", ["src/core/wait/poll.ts"]), [
      "all.ts",
      "core/gone.ts",
    ]);
  });
});
