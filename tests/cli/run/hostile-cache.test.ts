/** Whatever lies where the component cache should be, the guest runs; only what is the user's alone is taken. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { MOST_BYTES } from "../../../src/cli/run/component-cache.ts";
import { PrivateFolder, reasonOf } from "../../../src/cli/run/private-folder.ts";
import { guestFile, hostsNamed, run, start } from "../../e2e/host.ts";
import { here, scratchDirectory } from "../here.ts";

const NAME = "0123456789abcdef".repeat(4);
const NOBODY = 65534;
const root = process.geteuid?.() === 0;

/** What an attacker, or an accident, makes of a folder; and what is said of it. */
const folders: readonly (readonly [string, (path: string) => void, RegExp, (string | false)?])[] = [
  ["a link", (path) => move(path, `${path}-elsewhere`) && symlinkSync(`${path}-elsewhere`, path), /is no directory/],
  ["a link to nothing", (path) => remove(path) && symlinkSync(`${path}-nowhere`, path), /ENOENT|EEXIST/],
  ["a file", (path) => remove(path) && writeFileSync(path, ""), /EEXIST|ENOTDIR|is no directory/],
  ["a named pipe", (path) => remove(path) && pipe(path), /EEXIST|ENOTDIR|is no directory/],
  ["a folder that others may write to", (path) => chmodSync(path, 0o777), /is open to others/],
  ["a folder that others may look into", (path) => chmodSync(path, 0o755), /is open to others/],
  ["another user's folder", (path) => chownSync(path, NOBODY, NOBODY), /belongs to another user/, !root && "not root"],
];

/** The same of a file in it. What is found to be wrong is replaced, where that can be. */
const files: readonly (readonly [string, (path: string) => void, RegExp, (string | false)?])[] = [
  ["a link", (path) => move(path, `${path}-elsewhere`) && symlinkSync(`${path}-elsewhere`, path), /ELOOP/],
  ["a link to a device", (path) => remove(path) && symlinkSync("/dev/zero", path), /ELOOP/],
  ["a named pipe", (path) => remove(path) && pipe(path), /is no regular file/],
  ["a directory", (path) => remove(path) && mkdirSync(path), /is no regular file|EISDIR/],
  ["a file that others may write", (path) => chmodSync(path, 0o622), /may be written by others/],
  ["a file with another name", (path) => linkSync(path, `${path}-too`), /has another name/],
  ["another user's file", (path) => chownSync(path, NOBODY, NOBODY), /belongs to another user/, !root && "not root"],
];

function move(from: string, to: string): true {
  rmSync(to, { recursive: true, force: true });
  renameSync(from, to);
  return true;
}

function remove(path: string): true {
  rmSync(path, { recursive: true });
  return true;
}

function pipe(path: string): void {
  const { status, stderr, error } = spawnSync("mkfifo", [path], { encoding: "utf8" });
  if (error !== undefined) throw error;
  assert.equal(status, 0, stderr);
}

describe("a private folder", { skip: process.platform === "win32" && "no owners as POSIX has them" }, () => {
  const scratch = scratchDirectory();
  let count = 0;
  const made = () => {
    const folder = PrivateFolder.make(join(scratch, `${++count}`));
    folder.write(NAME, new TextEncoder().encode("content"));
    return folder;
  };
  const reason = (act: () => unknown) => {
    try {
      act();
    } catch (error) {
      return reasonOf(error) ?? "";
    }
    throw new Error("it did not throw");
  };

  it("gives back what was written, and nothing that is too long or not there", () => {
    const folder = made();
    assert.deepEqual(folder.read(NAME, 7)?.bytes, new TextEncoder().encode("content"));
    assert.equal(folder.read(NAME, 6), undefined);
    assert.equal(folder.read("other", 7), undefined);
  });

  for (const [what, change, says, skip = false] of folders) {
    it(`is not ${what}`, { skip }, () => {
      const { path } = made();
      change(path);
      assert.match(
        reason(() => PrivateFolder.make(path)),
        says,
      );
    });
  }

  for (const [what, change, says, skip = false] of files) {
    it(`has no file that is ${what}`, { skip }, () => {
      const folder = made();
      change(join(folder.path, NAME));
      assert.match(
        reason(() => folder.read(NAME, 100)),
        says,
      );
    });
  }

  it("replaces a link, and leaves alone what it leads to", () => {
    const folder = made();
    const target = join(scratch, "target");
    writeFileSync(target, "somebody's");
    remove(join(folder.path, NAME));
    symlinkSync(target, join(folder.path, NAME));
    folder.write(NAME, new TextEncoder().encode("new"));
    assert.equal(readFileSync(target, "utf8"), "somebody's");
    assert.deepEqual(folder.read(NAME, 3)?.bytes, new TextEncoder().encode("new"));
  });

  it("leaves nothing behind of what could not be written", () => {
    const folder = made();
    remove(join(folder.path, NAME));
    mkdirSync(join(folder.path, NAME, "full"), { recursive: true });
    assert.match(
      reason(() => folder.write(NAME, new Uint8Array(10))),
      /EISDIR|ENOTEMPTY|EEXIST/,
    );
    assert.deepEqual(readdirSync(folder.path), [NAME]);
  });
});

for (const host of hostsNamed("binary").filter(({ name }) => here.some((each) => each.name === name))) {
  describe(`-C cache on ${host.name}`, { skip: host.skip }, () => {
    const home = scratchDirectory();
    const hello = join(home, "guest.wasm");
    copyFileSync(guestFile("hello"), hello);
    let count = 0;
    const newHome = () => join(home, `${++count}`);

    async function cached(cache: string, flags: readonly string[] = [], more = {}) {
      const env = { XDG_CACHE_HOME: cache, ...more };
      const { status, stdout, stderr } = await run(host, hello, { flags: ["-v", ...flags], env });
      assert.equal(status, 0, stderr);
      assert.equal(stdout.toString(), "hello, world\n");
      const about = stderr.split("\n").filter((line) => / the cache| not kept/.test(line));
      return { from: / from the cache$/m.test(stderr), about };
    }

    it("keeps a component and finds it again", async () => {
      const cache = newHome();
      assert.equal((await cached(cache, ["-Ccache=n"])).from, false);
      assert.throws(() => readdirSync(cache), { code: "ENOENT" });
      assert.equal((await cached(cache)).from, false);
      assert.equal(readdirSync(join(cache, "pollux")).length, 1);
      assert.equal((await cached(cache)).from, true);
      assert.equal((await cached(cache, ["-Ccache=n"])).from, false);
    });

    it("reads a file again that has changed", async () => {
      const cache = newHome();
      await cached(cache);
      copyFileSync(guestFile("args-env"), hello);
      const { stdout } = await run(host, hello, { args: ["again"], env: { XDG_CACHE_HOME: cache } });
      assert.match(stdout.toString(), /again/);
      copyFileSync(guestFile("hello"), hello);
      assert.equal((await cached(cache)).from, false);
      assert.equal((await cached(cache)).from, true);
      assert.equal(readdirSync(join(cache, "pollux")).length, 1);
    });

    for (const [what, change, says, skip = false] of folders) {
      it(`runs without where its folder is ${what}, and says so in a line`, { skip }, async () => {
        const cache = newHome();
        await cached(cache);
        change(join(cache, "pollux"));
        for (const _ of ["once", "and again"]) {
          const { from, about } = await cached(cache);
          assert.equal(from, false);
          assert.equal(about.length, 1, about.join("\n"));
          assert.match(about[0]!, says);
        }
      });
    }

    for (const [what, change, says, skip = false] of files) {
      it(`does not take ${what}`, { skip }, async () => {
        const cache = newHome();
        await cached(cache);
        const [name = ""] = readdirSync(join(cache, "pollux"));
        change(join(cache, "pollux", name));
        const { from, about } = await cached(cache);
        assert.equal(from, false);
        assert.match(about[0]!, says);
      });
    }

    it("makes anew what was cut off, is too long or is another user's link", async () => {
      const cache = newHome();
      await cached(cache);
      const [name = ""] = readdirSync(join(cache, "pollux"));
      const path = join(cache, "pollux", name);
      for (const change of [
        () => truncateSync(path, statSync(path).size - 1),
        () => truncateSync(path, 0),
        () => truncateSync(path, MOST_BYTES + 1),
        () => linkSync(path, join(cache, `also ${count}`)),
        () => remove(path) && symlinkSync("/dev/zero", path),
        () => remove(path) && pipe(path),
      ]) {
        change();
        assert.equal((await cached(cache)).from, false);
        assert.equal((await cached(cache)).from, true);
      }
    });

    for (const [what, env] of [
      ["HOME and XDG_CACHE_HOME are empty", { XDG_CACHE_HOME: "", HOME: "" }],
      ["XDG_CACHE_HOME is relative, and there is no HOME", { XDG_CACHE_HOME: "cache", HOME: "" }],
      ["XDG_CACHE_HOME is a device", { XDG_CACHE_HOME: "/dev/null" }],
      ["XDG_CACHE_HOME is no place for files", { XDG_CACHE_HOME: "/proc/self/fd" }],
      ["XDG_CACHE_HOME is too long", { XDG_CACHE_HOME: `/${"x".repeat(300)}` }],
      ["XDG_CACHE_HOME is far too long", { XDG_CACHE_HOME: "/x".repeat(4000) }],
    ] as const) {
      it(`runs without where ${what}`, async () => {
        const { from, about } = await cached("", [], env);
        assert.equal(from, false);
        assert.equal(about.length, 1, about.join("\n"));
      });
    }

    for (const [disk, options, says] of [
      ["that cannot be written", "ro", / not in the cache: EROFS/],
      ["that is full", "size=4k", / not kept: ENOSPC/],
      ["without a free inode", "nr_inodes=2", / not kept: ENOSPC/],
    ] as const) {
      it(`runs without on a disk ${disk}`, { skip: !root && "root mounts" }, async (t) => {
        const cache = newHome();
        mkdirSync(cache);
        const mount = `mount -t tmpfs -o ${options} none "$0" && exec "$@"`;
        const mounted = ["unshare", "-m", "sh", "-c", mount, cache];
        if (spawnSync(mounted[0]!, [...mounted.slice(1), "true"]).status !== 0) return t.skip("no mount namespaces");
        const command = [...mounted, ...host.command];
        const env = { XDG_CACHE_HOME: cache };
        const { status, stdout, stderr } = await run({ ...host, command }, hello, { flags: ["-v"], env });
        assert.equal(status, 0, stderr);
        assert.equal(stdout.toString(), "hello, world\n");
        assert.match(stderr, says);
      });
    }

    it("is written by many at once, each time whole", async () => {
      const cache = newHome();
      await Promise.all(Array.from({ length: 8 }, () => cached(cache)));
      assert.equal(readdirSync(join(cache, "pollux")).length, 1);
      assert.equal((await cached(cache)).from, true);
    });

    it("is used by --watch, which a named pipe in it does not hold up", async () => {
      const cache = newHome();
      await cached(cache);
      const [name = ""] = readdirSync(join(cache, "pollux"));
      remove(join(cache, "pollux", name));
      pipe(join(cache, "pollux", name));
      const watched = () => start(host, hello, { flags: ["-v", "--watch"], env: { XDG_CACHE_HOME: cache } });
      await using held = watched();
      await held.waitFor(/not in the cache: .*is no regular file[\s\S]*exit status 0/, "stderr");
      await using taken = watched();
      await taken.waitFor(/ from the cache\n[\s\S]*exit status 0/, "stderr");
    });
  });
}
