/** How `pollux dev` builds a folder that does not say. */
import assert from "node:assert/strict";
import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { detect, newestWasm } from "../../../src/cli/dev/detect.ts";
import { Temporary } from "../../core/files/tree.ts";
import { noRust } from "../../e2e/rust.ts";

type Files = Readonly<Record<string, string>>;

function write(folder: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

const goBuild = (file: string) => `GOOS=wasip1 GOARCH=wasm go build -o ${file} .`;
const pyBuild = "componentize-py -d wit -w app componentize app -o app.wasm";

const recipes: readonly (readonly [files: Files, command: string, file: string])[] = [
  [{ "go.mod": "module hello\n\ngo 1.21\n" }, goBuild("hello.wasm"), "hello.wasm"],
  [{ "go.mod": "module example.org/x/tool\n" }, goBuild("tool.wasm"), "tool.wasm"],
  [{ "go.mod": 'module "example.org/tool/v2"\n' }, goBuild("tool.wasm"), "tool.wasm"],
  [{ Makefile: "", "out.wasm": "" }, "make", "out.wasm"],
  [{ makefile: "", "build/x.wasm": "", "node_modules/y.wasm": "" }, "make", "build/x.wasm"],
  [{ "app.py": "", "wit/a.wit": "package a:b;\nworld app {}\n" }, pyBuild, "app.wasm"],
  [{ "package.json": '{"scripts":{"build":"x"}}', "dist/a.wasm": "" }, "npm run --silent build", "dist/a.wasm"],
  [{ Makefile: "", "go.mod": "module a\n" }, goBuild("a.wasm"), "a.wasm"],
];

const refusals: readonly (readonly [what: string, files: Files, said: RegExp])[] = [
  ["nothing", {}, /^nothing here says how to build it/],
  ["Python without a world", { "app.py": "" }, /^nothing here/],
  ["a package without a build", { "package.json": "{}" }, /^nothing here/],
  ["a broken package.json", { "package.json": "{" }, /^failed to parse ".*package\.json"$/],
  [
    "two worlds",
    { "app.py": "", "wit/a.wit": "world a {}\nworld b {}\n" },
    /^there are several worlds in wit \(a, b\)/,
  ],
];

const manifest = (more: string) => `[package]\nname = "my-app"\nversion = "0.1.0"\nedition = "2021"\n${more}`;
const crates: readonly (readonly [what: string, files: Files, file: string | RegExp])[] = [
  ["a program", { "Cargo.toml": manifest(""), "src/main.rs": "" }, "my-app.wasm"],
  ["a library", { "Cargo.toml": manifest('[lib]\ncrate-type = ["cdylib"]\n'), "src/lib.rs": "" }, "my_app.wasm"],
  [
    "two programs",
    { "Cargo.toml": manifest(""), "src/bin/a.rs": "", "src/bin/b.rs": "" },
    /^there are several programs/,
  ],
  [
    "two programs, of which one is the default",
    { "Cargo.toml": manifest('default-run = "b"\n'), "src/bin/a.rs": "", "src/bin/b.rs": "" },
    "b.wasm",
  ],
  ["a library of Rust's alone", { "Cargo.toml": manifest(""), "src/lib.rs": "" }, /neither a program nor a library/],
  ["a broken manifest", { "Cargo.toml": "[package\n" }, /^cargo metadata failed$/],
];

describe("a folder is built by what lies in it", () => {
  for (const [files, command, file] of recipes) {
    it(Object.keys(files).join(", "), () => {
      using folder = new Temporary();
      write(folder.path, files);
      const recipe = detect(folder.path);
      assert.deepEqual([recipe.command, recipe.file()], [command, file]);
    });
  }

  for (const [what, files, said] of refusals) {
    it(`${what} is refused`, () => {
      using folder = new Temporary();
      write(folder.path, files);
      assert.throws(() => detect(folder.path), { name: "Failure", message: said });
    });
  }

  for (const [what, files, file] of crates) {
    it(`a crate with ${what}`, { skip: noRust() }, () => {
      using folder = new Temporary();
      write(folder.path, files);
      const recipe = detect(folder.path);
      assert.equal(recipe.command, "cargo build --target wasm32-wasip2");
      if (typeof file !== "string") assert.throws(() => recipe.file(), { name: "Failure", message: file });
      else assert.equal(recipe.file(), join("target/wasm32-wasip2/debug", file));
    });
  }

  it("the newest of several .wasm is what the build wrote", () => {
    using folder = new Temporary();
    write(folder.path, { "a.wasm": "", "build/b.wasm": "", "out/c.wasm": "" });
    for (const [i, file] of ["a.wasm", "out/c.wasm", "build/b.wasm"].entries())
      utimesSync(join(folder.path, file), 1000 + i, 1000 + i);
    assert.equal(newestWasm(folder.path), "build/b.wasm");
  });
});
