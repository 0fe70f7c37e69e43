/** Which files `pollux dev` watches: real folders. */
import assert from "node:assert/strict";
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Sources } from "../../../src/cli/dev/sources.ts";
import { Temporary } from "../../core/files/tree.ts";

interface Change {
  readonly what: string;
  readonly make: (at: (path: string) => string) => void;
  /** The path that is told. */
  readonly told: string;
}

const changes: readonly Change[] = [
  { what: "a file that is written", make: (at) => writeFileSync(at("src/main.rs"), "new"), told: "src/main.rs" },
  { what: "a new file", make: (at) => writeFileSync(at("src/other.rs"), ""), told: "src/other.rs" },
  { what: "a file that is gone", make: (at) => rmSync(at("src/main.rs")), told: "src/main.rs" },
  {
    what: "a file that another one is moved over",
    make(at) {
      writeFileSync(at("src/main.rs~"), "new");
      renameSync(at("src/main.rs~"), at("src/main.rs"));
    },
    told: "src/main.rs",
  },
  {
    what: "a file in a new folder",
    make(at) {
      mkdirSync(at("src/a/b"), { recursive: true });
      writeFileSync(at("src/a/b/c.rs"), "");
    },
    told: "src/a/b/c.rs",
  },
  {
    what: "a symbolic link, which is not followed",
    make: (at) => symlinkSync(at("."), at("src/round")),
    told: "src/round",
  },
];

/** Of the first level and below. */
const ignored = [
  "target/x",
  "build/x",
  "src/node_modules/x/y",
  ".git/HEAD",
  "app.wasm",
  "src/.main.rs.swp",
  "main.rs~",
];
const byGit = ["gen/x", "src/gen/x", "top", "x.log"];

describe("the sources of a project", () => {
  const project = () => {
    const folder = new Temporary();
    const at = (path: string) => join(folder.path, path);
    const write = (path: string) => {
      mkdirSync(join(at(path), ".."), { recursive: true });
      writeFileSync(at(path), "");
    };
    writeFileSync(at(".gitignore"), "# made\n\ngen/\n/top\n*.log\n!kept\na/b\n");
    write("src/main.rs");
    return { folder, at, write };
  };

  for (const { what, make, told } of changes) {
    it(`change by ${what}`, async () => {
      const { folder, at } = project();
      using _ = folder;
      const sources = new Sources(folder.path);
      assert.equal(await sources.change(), undefined);
      make(at);
      assert.equal(await sources.change(), told);
      sources.close();
    });
  }

  it("change once for all that is written at a time", async () => {
    const { folder, write, at } = project();
    using _ = folder;
    const sources = new Sources(folder.path);
    await sources.change();
    for (let i = 0; i < 20; i++) write(`src/${i}.rs`);
    assert.match((await sources.change()) ?? "", /^src\/\d+\.rs$/);
    writeFileSync(at("last"), "");
    assert.equal(await sources.change(), "last");
    sources.close();
  });

  for (const path of [...ignored, ...byGit]) {
    it(`are not ${path}`, async () => {
      const { folder, write } = project();
      using _ = folder;
      const sources = new Sources(folder.path);
      await sources.change();
      write(path);
      write("zzz");
      assert.equal(await sources.change(), "zzz");
      sources.close();
    });
  }

  it("are files that a line of .gitignore keeps, or that one is about which is not understood", async () => {
    const { folder, write } = project();
    using _ = folder;
    const sources = new Sources(folder.path);
    await sources.change();
    for (const path of ["kept", "a/b"]) {
      write(path);
      assert.equal(await sources.change(), path);
    }
    sources.close();
  });
});
