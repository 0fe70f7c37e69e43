/** The site of the documentation, as `npm run docs` makes it: it has every page, and its links lead somewhere. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { before, describe, it } from "node:test";
import { pagePaths, root } from "../../docs/site/pages.ts";

const site = join(root, "dist/docs");

describe("the site", () => {
  before(() => {
    const { status, stdout, stderr } = spawnSync("npm", ["run", "docs"], { cwd: root, encoding: "utf8" });
    assert.equal(status, 0, `${stdout}${stderr}`);
  });

  it("has every page", () => assert.equal(globSync("**/*.html", { cwd: site }).length, pagePaths.length));

  it("has no dead link", () => {
    const texts = new Map(
      globSync("**/*.html", { cwd: site }).map((file) => [file, readFileSync(join(site, file), "utf8")]),
    );
    const dead = [...texts].flatMap(([file, text]) =>
      [...text.matchAll(/(?:href|src)="([^"]*)"/g)].flatMap(([, target]) => {
        if (/^(?:https:|transcript)/.test(target!)) return [];
        const [path = "", anchor] = target!.split("#");
        const named = path === "" ? file : join(dirname(file), path);
        const there =
          anchor === undefined ? existsSync(join(site, named)) : texts.get(named)?.includes(`id="${anchor}"`);
        return there === true ? [] : [`${file}: ${target}`];
      }),
    );
    assert.deepEqual(dead, []);
  });
});
