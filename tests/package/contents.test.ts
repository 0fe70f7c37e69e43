/** What is in the packages that a release publishes. */
import assert from "node:assert/strict";
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { documentsFrom, linksOf } from "../../build/links.ts";
import { binaryManifest, bundledPackages, writePackages } from "../../build/packages.ts";
import { here, targets } from "../../build/targets.ts";
import { version } from "../../src/cli/version.ts";
import { notBuilt } from "./runtimes.ts";

describe("the packages to publish", { skip: notBuilt }, () => {
  const scratch = mkdtempSync(join(tmpdir(), "pollux-packages-"));
  after(() => rmSync(scratch, { recursive: true }));
  before(() => writePackages(scratch));

  const main = join(scratch, "pollux");
  const manifestOf = (folder: string) => JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const filesOf = (pattern: string) => globSync(pattern, { cwd: main }).map((file) => file.replaceAll("\\", "/"));

  it("the main one names a package for each machine, which npm may leave out, and no other", () => {
    const { dependencies, devDependencies, scripts, optionalDependencies } = manifestOf(main);
    assert.deepEqual(
      { dependencies, devDependencies, scripts },
      { dependencies: undefined, devDependencies: undefined, scripts: undefined },
    );
    const expected = Object.keys(targets).map((platform) => [`@pollux/${platform}`, version]);
    assert.deepEqual(Object.entries(optionalDependencies), expected);
  });

  it("a machine's says which machine that is, and installs without a script", () => {
    const read = Object.keys(targets).map((platform) => {
      const { name, os, cpu, libc, scripts }: Record<string, unknown> = { ...binaryManifest(platform) };
      return [name, os, cpu, libc, scripts];
    });
    assert.deepEqual(read, [
      ["@pollux/linux-x64", ["linux"], ["x64"], ["glibc"], undefined],
      ["@pollux/linux-arm64", ["linux"], ["arm64"], ["glibc"], undefined],
      ["@pollux/linux-x64-musl", ["linux"], ["x64"], ["musl"], undefined],
      ["@pollux/linux-arm64-musl", ["linux"], ["arm64"], ["musl"], undefined],
      ["@pollux/darwin-x64", ["darwin"], ["x64"], undefined, undefined],
      ["@pollux/darwin-arm64", ["darwin"], ["arm64"], undefined, undefined],
      ["@pollux/win32-x64", ["win32"], ["x64"], undefined, undefined],
    ]);
    assert.deepEqual(manifestOf(join(scratch, here)), JSON.parse(JSON.stringify(binaryManifest(here))));
  });

  it("each says whose it is, and where to ask", () => {
    for (const folder of [main, join(scratch, here)]) {
      const { license, author, homepage, repository, bugs } = manifestOf(folder);
      assert.deepEqual(
        { license, author, homepage, repository, bugs },
        {
          license: "Apache-2.0",
          author: "The Pollux authors",
          homepage: "https://github.com/pollux-wasm/pollux#readme",
          repository: { type: "git", url: "git+https://github.com/pollux-wasm/pollux.git" },
          bugs: { url: "https://github.com/pollux-wasm/pollux/issues" },
        },
      );
    }
    assert.ok(manifestOf(main).keywords.includes("wasi"));
  });

  it("what its manifest names is there", () => {
    const { exports, bin, man } = manifestOf(main);
    const targetsOf = Object.values<string | Record<string, string>>(exports).flatMap((target) =>
      typeof target === "string" ? [target] : Object.values(target),
    );
    for (const path of [...targetsOf, ...Object.values<string>(bin), ...man])
      assert.ok(existsSync(join(main, path)), path);
  });

  it("README and all documents that it leads to have whole links", () => {
    const documents = filesOf("**/*.md");
    assert.ok(documents.includes("README.md") && documents.includes("RATIONALE.md"));
    const links = documents.flatMap((file) =>
      linksOf(readFileSync(join(main, file), "utf8")).map((link) => join(dirname(file), link)),
    );
    assert.ok(links.length > 0);
    assert.deepEqual(
      links.filter((link) => !existsSync(join(main, link))),
      [],
    );
  });

  it("all code that is from other packages is in it, with their licences", () => {
    const names = bundledPackages();
    const imported = new RegExp(`\\b(?:from|import) ?\\(?"(?:${names.join("|")})["/]`);
    const importing = filesOf("{bin,dist}/**/*.{js,cjs}").filter((file) =>
      imported.test(readFileSync(join(main, file), "utf8")),
    );
    assert.deepEqual(importing, []);
    assert.deepEqual(names, ["cac", "consola", "smol-toml"]);
    for (const folder of [main, join(scratch, here)]) {
      const licenses = readFileSync(join(folder, "THIRD-PARTY-LICENSES"), "utf8");
      for (const name of names) assert.match(licenses, new RegExp(`^${name} \\d+\\.\\d+\\.\\d+\n\n`, "m"));
    }
  });

  it("the library is what Node 22 can read, and none of the command line's modules are beside it", () => {
    const library = filesOf("dist/npm/src/**/*.js");
    assert.ok(library.includes("dist/npm/src/index.js"));
    const using = library.filter((file) => /^\s*(?:await )?using \w/m.test(readFileSync(join(main, file), "utf8")));
    assert.deepEqual(using, []);
    assert.deepEqual(
      library.filter((file) => /^dist\/npm\/src\/(?:cli|inspect|trace)\//.test(file)),
      [],
    );
  });

  it("the main one has less than 6 MB", () => {
    const size = filesOf("**/*").reduce((sum, file) => sum + statSync(join(main, file)).size, 0);
    assert.ok(size < 6e6, `${size} bytes`);
  });
});

describe("linksOf", () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["[a](docs/a.md) and ![b](docs/b.svg#x), [c](../c.md?raw)", ["docs/a.md", "docs/b.svg", "../c.md"]],
    ["[a](https://example.com/x.md) [b](#b) [c](mailto:a@b)", []],
    ["[a]: docs/a.md\n[b]: <docs/a%20b.md>", ["docs/a.md", "docs/a b.md"]],
    ['<a href="a.md"><img alt="" src="b.svg"></a>', ["a.md", "b.svg"]],
    ["`[a](a.md)`\n```ts\n[b](b.md)\n```\n[c](c.md) [c](c.md)", ["c.md"]],
  ];
  for (const [markdown, links] of cases) {
    it(JSON.stringify(markdown), () => assert.deepEqual(linksOf(markdown), links));
  }
});

describe("documentsFrom", () => {
  const folder = mkdtempSync(join(tmpdir(), "pollux-documents-"));
  after(() => rmSync(folder, { recursive: true }));
  const write = (text: string) => writeFileSync(join(folder, "README.md"), text);

  it("follows the links of documents, in circles too", () => {
    mkdirSync(join(folder, "docs"));
    writeFileSync(join(folder, "docs/a.md"), "[back](../README.md) [scale](scale.svg)");
    writeFileSync(join(folder, "docs/scale.svg"), "");
    write("[a](docs/a.md)");
    assert.deepEqual(documentsFrom(folder, "README.md"), ["README.md", "docs/a.md", "docs/scale.svg"]);
  });

  for (const link of ["missing.md", "../outside.md"]) {
    it(`throws on a link to ${link}`, () => {
      write(`[a](${link})`);
      assert.throws(() => documentsFrom(folder, "README.md"), {
        message: `README.md links to ${link}, which is not there`,
      });
    });
  }
});
