/** `pollux cache`: where it is, how much of it there is, and that it can be emptied; on every host, though the binary alone fills it. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { here, scratchDirectory } from "./here.ts";

const scratch = scratchDirectory();
let count = 0;

for (const host of here) {
  describe(`pollux cache on ${host.name}`, { skip: host.skip }, () => {
    function cache(home: string, ...words: string[]) {
      const [program = "", ...args] = [...host.command, "cache", ...words];
      const env = { ...process.env, XDG_CACHE_HOME: home, HOME: "", NO_COLOR: "1" };
      // Deno keeps its own things in a relative XDG_CACHE_HOME.
      const options = { cwd: scratch, encoding: "utf8", env, timeout: 60_000 } as const;
      const { status, stdout, stderr } = spawnSync(program, args, options);
      return { status, stdout, stderr };
    }
    const filled = () => {
      const home = join(scratch, `${++count}`);
      mkdirSync(join(home, "pollux"), { recursive: true, mode: 0o700 });
      for (const digit of ["a", "b"]) writeFileSync(join(home, "pollux", digit.repeat(64)), "x".repeat(700));
      writeFileSync(join(home, "pollux/notes.txt"), "somebody's");
      return home;
    };

    it("says what there is, and removes no more than that", () => {
      const home = filled();
      const path = join(home, "pollux");
      assert.deepEqual(cache(home), { status: 0, stdout: `${path}: 2 components, 1,400 bytes\n`, stderr: "" });
      const cleaned = { status: 0, stdout: `${path}: removed 2 components, 1,400 bytes\n`, stderr: "" };
      assert.deepEqual(cache(home, "clean"), cleaned);
      assert.deepEqual(readdirSync(path), ["notes.txt"]);
      assert.deepEqual(cache(home), { status: 0, stdout: `${path}: 0 components, 0 bytes\n`, stderr: "" });
    });

    it("has nothing where there is no folder", () => {
      const stdout = `${scratch}/none/pollux: 0 components, 0 bytes\n`;
      assert.deepEqual(cache(join(scratch, "none")), { status: 0, stdout, stderr: "" });
    });

    it("removes nothing through a link", () => {
      const home = filled();
      const other = join(scratch, `${++count}`);
      mkdirSync(other);
      symlinkSync(join(home, "pollux"), join(other, "pollux"));
      const { status, stderr } = cache(other, "clean");
      assert.equal(status, 1);
      assert.match(stderr, /^Error: the cache is not used\n\nCaused by:\n {4}.* is no directory\n/);
      assert.equal(readdirSync(join(home, "pollux")).length, 3);
    });

    it("says that there is none without a home", () => {
      const { status, stdout, stderr } = cache("relative");
      assert.deepEqual({ status, stdout }, { status: 1, stdout: "" });
      assert.match(stderr, /^Error: there is no cache: .*\n$/);
    });

    it("does nothing else", () => {
      const { status, stderr } = cache(filled(), "frob");
      assert.equal(status, 2);
      assert.match(stderr, /^error: invalid value 'frob' for '\[ACTION\]'/);
    });
  });
}
