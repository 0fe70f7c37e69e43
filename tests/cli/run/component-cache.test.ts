/** -C cache: what is kept of a component is that component, and nothing that was damaged or is of another is taken for it. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { chmodSync, copyFileSync, globSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { deserialize, serialize } from "node:v8";
import { type CacheTools, ComponentCache } from "../../../src/cli/run/component-cache.ts";
import { isCoreModule } from "../../../src/cli/run/module-file.ts";
import { parseComponent } from "../../../src/component/binary/parse.ts";
import { guestFile, hostsNamed, run } from "../../e2e/host.ts";
import { here, scratchDirectory } from "../here.ts";

const read = (path: string) => new Uint8Array(readFileSync(path));

function toolsOf(files: Map<string, Uint8Array<ArrayBuffer>>, build = "a build"): CacheTools {
  return {
    build,
    read: (path) => files.get(path),
    write: async (path, bytes) => files.set(path, bytes.slice()),
    serialize: (value) => new Uint8Array(serialize(value)),
    deserialize,
    sha256: (content) => createHash("sha256").update(content).digest("hex"),
  };
}

describe("the component cache", () => {
  const bytes = read(guestFile("hello"));
  const kept = async () => {
    const files = new Map<string, Uint8Array<ArrayBuffer>>();
    const cache = new ComponentCache(toolsOf(files), "/c", "/hello.wasm", bytes);
    await cache.keep(parseComponent(bytes));
    const [[file, content] = ["", new Uint8Array()]] = files;
    return { files, cache, file, content };
  };

  const guests = globSync("tests/guests/**/*.wasm", { exclude: ["tests/guests/build/**"] });
  for (const guest of guests.filter((each) => !isCoreModule(read(each)))) {
    it(`gives back what was read of ${guest}`, async () => {
      const content = read(guest);
      const cache = new ComponentCache(toolsOf(new Map()), "/c", `/${guest}`, content);
      const component = parseComponent(content);
      await cache.keep(component);
      assert.deepEqual(cache.find(), component);
    });
  }

  it("has nothing at first", () => {
    assert.equal(new ComponentCache(toolsOf(new Map()), "/c", "/hello.wasm", bytes).find(), undefined);
  });

  it("takes nothing of another module, path or build", async () => {
    const { files } = await kept();
    const changed = bytes.slice();
    changed[changed.length - 1]! ^= 1;
    for (const [tools, path, module] of [
      [toolsOf(files), "/hello.wasm", changed],
      [toolsOf(files), "/other.wasm", bytes],
      [toolsOf(files, "another build"), "/hello.wasm", bytes],
    ] as const)
      assert.equal(new ComponentCache(tools, "/c", path, module).find(), undefined);
  });

  it("takes nothing that was cut off, at any length", async () => {
    const { files, cache, file, content } = await kept();
    for (let length = 0; length < content.length; length++) {
      files.set(file, content.subarray(0, length));
      assert.equal(cache.find(), undefined, `${length} bytes`);
    }
  });

  it("takes nothing that was changed, wherever", async () => {
    const { files, cache, file, content } = await kept();
    for (let i = 0; i < content.length; i++) {
      const damaged = content.slice();
      damaged[i]! ^= 0x10;
      files.set(file, damaged);
      assert.equal(cache.find(), undefined, `byte ${i}`);
    }
  });
});

for (const host of hostsNamed("binary").filter(({ name }) => here.some((each) => each.name === name))) {
  describe(`-C cache on ${host.name}`, { skip: host.skip }, () => {
    const home = scratchDirectory();
    const env = { XDG_CACHE_HOME: join(home, "cache") };
    const folder = join(home, "cache/pollux");
    const hello = join(home, "guest.wasm");
    copyFileSync(guestFile("hello"), hello);
    const cached = async (flags: readonly string[] = [], more = {}) => {
      const { status, stdout, stderr } = await run(host, hello, { flags: ["-v", ...flags], env: { ...env, ...more } });
      assert.equal(status, 0, stderr);
      assert.equal(stdout.toString(), "hello, world\n");
      return { from: / from the cache/.test(stderr), stderr };
    };

    it("keeps a component and finds it again", async () => {
      assert.equal((await cached(["-Ccache=n"])).from, false);
      assert.throws(() => readdirSync(folder), { code: "ENOENT" });
      assert.equal((await cached()).from, false);
      assert.equal(readdirSync(folder).length, 1);
      assert.equal((await cached()).from, true);
      assert.equal((await cached(["-Ccache=n"])).from, false);
    });

    it("reads a file again that has changed, or that lies under another name", async () => {
      copyFileSync(guestFile("args-env"), hello);
      const { stdout } = await run(host, hello, { args: ["again"], env });
      assert.match(stdout.toString(), /again/);
      copyFileSync(guestFile("hello"), hello);
      assert.equal((await cached()).from, false);
      assert.equal((await cached()).from, true);
      assert.equal(readdirSync(folder).length, 1);
    });

    it("replaces what was damaged", async () => {
      const [file = ""] = readdirSync(folder);
      for (const content of ["", "not what it was\n"]) {
        writeFileSync(join(folder, file), content);
        assert.equal((await cached()).from, false);
        assert.equal((await cached()).from, true);
      }
    });

    it("runs where nothing can be kept, and says so with -v", async () => {
      const locked = join(home, "locked");
      mkdirSync(locked);
      writeFileSync(join(locked, "pollux"), "a file in the folder's place");
      chmodSync(locked, 0o500);
      const { from, stderr } = await cached([], { XDG_CACHE_HOME: locked });
      assert.equal(from, false);
      assert.match(stderr, /not kept: .*ENOTDIR/);
    });

    it("keeps nothing without a home", async () => {
      assert.equal((await cached([], { XDG_CACHE_HOME: "", HOME: "" })).from, false);
    });
  });
}
