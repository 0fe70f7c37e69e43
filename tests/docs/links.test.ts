/** Links of the documentation: each leads to a file, and to a heading in it. */
import assert from "node:assert/strict";
import { existsSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, it } from "node:test";
import { anchorOf, type Page, pagePaths, parsePage, readPage, root } from "../../docs/site/pages.ts";

const pages = new Map(pagePaths.map((path) => [path, readPage(path)]));

/** What this checkout may be without yet. */
const coming = ["docs/transcript.md"];
const isComing = (path: string): boolean => coming.some((each) => path.startsWith(each));

/** What is wrong with a page's links. */
function deadLinks({ path, links, anchors }: Page): string[] {
  return links.flatMap(({ target, line }) => {
    const why = /^[a-z]+:/.test(target) ? wrongUrl(target) : wrongTarget(path, target, anchors);
    return why === undefined ? [] : [`${path}:${line}: ${target}: ${why}`];
  });
}

function wrongUrl(target: string): string | undefined {
  if (!URL.canParse(target) || !target.startsWith("https:")) return "not https";
  const [, path] = /^https:\/\/github\.com\/pollux-wasm\/pollux\/tree\/main\/(.*)$/.exec(target) ?? [];
  return path === undefined || isComing(path) || existsSync(join(root, path)) ? undefined : "not in the repository";
}

function wrongTarget(path: string, target: string, own: ReadonlySet<string>): string | undefined {
  const [file = "", anchor] = target.split("#");
  const named = normalize(join(dirname(path), file));
  // The npm package has what its documents link to.
  if (file !== "" && !/\.(?:md|svg)$/.test(named)) return "neither a page nor a picture: link to it on GitHub";
  if (isComing(named)) return undefined;
  if (file !== "" && !existsSync(join(root, named))) return "no such file";
  if (anchor === undefined) return undefined;
  const there = file === "" ? own : pages.get(named)?.anchors;
  return there?.has(anchor) === true ? undefined : "no such heading";
}

describe("links", () => {
  for (const page of pages.values()) {
    it(`of ${page.path} lead somewhere`, () => assert.deepEqual(deadLinks(page), []));
  }

  it("that lead nowhere are found", () => {
    const text =
      "# One two\n[a](#one-two) [b](#one) [c](nothing.md) [d](README.md#install) [e](http://x.test/) `[f](g)` [h](src)\n";
    assert.deepEqual(deadLinks(parsePage("X.md", text)), [
      "X.md:2: #one: no such heading",
      "X.md:2: nothing.md: no such file",
      "X.md:2: http://x.test/: not https",
      "X.md:2: src: neither a page nor a picture: link to it on GitHub",
    ]);
  });

  it("name headings as GitHub does", () => {
    assert.equal(anchorOf("What `-W timeout` is, and [why](x.md)?"), "what--w-timeout-is-and-why");
  });
});

describe("the contents of docs", () => {
  it("are all the pages there are", () => {
    const listed = pages
      .get("docs/README.md")!
      .links.map(({ target }) => normalize(join("docs", target.split("#")[0]!)));
    const missing = pagePaths.filter((path) => path !== "docs/README.md" && !listed.includes(path));
    assert.deepEqual(
      missing.filter((path) => path !== "README.md" && !path.startsWith("docs/api/")),
      [],
    );
  });
});

describe("README", () => {
  it("is one page: 8 KB at most", () => assert.ok(statSync(join(root, "README.md")).size <= 8192));
});
