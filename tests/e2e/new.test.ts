/** `pollux new`: what it makes and what it refuses. That its projects can be built is tests/newcomer's. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { javascript } from "../../src/cli/new/javascript.ts";
import { languages } from "../../src/cli/options/project-flags.ts";
import { hosts } from "./host.ts";
import { Folder } from "./projects.ts";

for (const host of hosts) {
  describe(`pollux new on ${host.name}`, { skip: host.skip }, () => {
    const make = async (folder: Folder, ...words: readonly string[]) => {
      await using guest = folder.pollux(host, ["new", ...words]);
      return await guest.outcome();
    };

    it("makes a project of every language", async () => {
      const folder = new Folder();
      for (const lang of languages) {
        const { status, stdout, stderr } = await make(folder, "--lang", lang, `my-${lang}`);
        assert.deepEqual([status, stderr], [0, ""]);
        assert.match(stdout.toString(), new RegExp(`^made my-${lang}, in .*\n\n  cd my-${lang}\n[^]*  pollux dev`));
        const made = join(folder.path, `my-${lang}`);
        for (const file of ["README.md", "pollux.toml", ".gitignore", ".vscode/tasks.json"])
          assert.ok(existsSync(join(made, file)), file);
      }
    });

    it("takes a directory that is empty", async () => {
      const folder = new Folder();
      mkdirSync(join(folder.path, "hello"));
      const { status, stderr } = await make(folder, "hello", "--lang=c");
      assert.deepEqual([status, stderr], [0, ""]);
    });

    const refusals: readonly (readonly [words: readonly string[], status: number, said: RegExp])[] = [
      [["--lang=rust", "full"], 1, /^Error: full is there already, and not empty\n$/],
      [["--lang=rust", "x"], 1, /^Error: x is there already, and no directory\n$/],
      [
        ["--lang=rust", "1x"],
        2,
        /^error: invalid value '1x' for '<NAME>': expected letters, digits, - and _, of which/,
      ],
      [["--lang=rust", "../up"], 2, /^error: invalid value '\.\.\/up' for '<NAME>'/],
      [
        ["--lang=rust", "build"],
        2,
        /^error: invalid value 'build' for '<NAME>': Rust's tools have something of that name/,
      ],
      [["--lang=cobol", "hello"], 2, /^error: invalid value 'cobol' for '--lang <LANG>': expected rust or c or go/],
      [[], 2, /^error: which language shall it be in\?\n\n {2}rust {4}Rust: /],
      [["--lang=go"], 2, /^error: the following required arguments were not provided:\n {2}<NAME>\n/],
      [["--lang=go", "a", "b"], 2, /^error: unexpected argument 'b' found\n/],
      [["--frob", "hello"], 2, /^error: unexpected argument '--frob' found\n/],
      [
        ["hello"],
        2,
        /^error: which language shall it be in\?\n\n {2}rust {4}Rust: .*\n {2}c {7}C: .*\n {2}go .*\n {2}python .*\n {2}js .*\n/,
      ],
    ];
    for (const [words, status, said] of refusals) {
      it(`refuses ${words.join(" ")}`, async () => {
        const folder = new Folder({ x: "", "full/file": "" });
        const outcome = await make(folder, ...words);
        assert.match(outcome.stderr, said);
        assert.deepEqual([outcome.status, outcome.stdout.toString()], [status, ""]);
        assert.ok(!existsSync(join(folder.path, "hello")));
      });
    }
  });
}

describe("the build of a JavaScript project", () => {
  it("shows where a syntax error is", () => {
    const { path } = new Folder({ ...javascript("hello").files, "app.js": "// One\nf(;\n" });
    const { status, stderr } = spawnSync("npm", ["run", "--silent", "build"], { cwd: path, encoding: "utf8" });
    assert.equal(status, 1);
    assert.match(stderr, /app\.js:2\nf\(;\n/);
  });
});
