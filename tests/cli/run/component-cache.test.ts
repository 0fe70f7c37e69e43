/** -C cache: what is kept of a component is that component, and nothing that was damaged or is of another is taken for it. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { globSync, readdirSync, readFileSync, statSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { deserialize, serialize } from "node:v8";
import fc from "fast-check";
import {
  type CacheTools,
  ComponentCache,
  cacheFolder,
  EntryFormat,
  LONGEST,
  MOST_BYTES,
  MOST_ENTRIES,
  prune,
} from "../../../src/cli/run/component-cache.ts";
import { isCoreModule } from "../../../src/cli/run/module-file.ts";
import { PrivateFolder } from "../../../src/cli/run/private-folder.ts";
import { parseComponent } from "../../../src/component/binary/parse.ts";
import { guestFile } from "../../e2e/host.ts";
import { scratchDirectory } from "../here.ts";

const read = (path: string) => new Uint8Array(readFileSync(path));

const tools: CacheTools = {
  build: "a build",
  serialize: (value) => new Uint8Array(serialize(value)),
  deserialize,
  sha256: (content) => createHash("sha256").update(content).digest("hex"),
};

const scratch = scratchDirectory();
let folders = 0;
const newFolder = () => join(scratch, `${++folders}`);

describe("an entry of the component cache", () => {
  const module = read(guestFile("hello"));
  const format = new EntryFormat(tools, module);
  const content = new TextEncoder().encode("content\nof two lines");
  const entry = format.seal(content);

  it("has its content", () => {
    assert.deepEqual(format.open(entry), content);
  });

  it("is not taken for another module, or by another build", () => {
    const changed = module.slice();
    changed[changed.length - 1]! ^= 1;
    assert.equal(new EntryFormat(tools, changed).open(entry), undefined);
    assert.equal(new EntryFormat({ ...tools, build: "another" }, module).open(entry), undefined);
  });

  it("is not taken when it was cut off, at any length", () => {
    for (let length = 0; length < entry.length; length++)
      assert.equal(format.open(entry.subarray(0, length)), undefined, `${length} bytes`);
  });

  it("is not taken when a bit was changed, wherever", () => {
    for (let bit = 0; bit < entry.length * 8; bit++) {
      const damaged = entry.slice();
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      assert.equal(format.open(damaged), undefined, `bit ${bit}`);
    }
  });

  it("is not taken when a piece of it is another", () => {
    const piece = fc.record({ at: fc.nat(entry.length), cut: fc.nat(40), put: fc.uint8Array({ maxLength: 40 }) });
    fc.assert(
      fc.property(piece, ({ at, cut, put }) => {
        const edited = new Uint8Array([...entry.subarray(0, at), ...put, ...entry.subarray(at + cut)]);
        const same = Buffer.compare(edited, entry) === 0;
        assert.equal(format.open(edited) !== undefined, same);
      }),
      { numRuns: Number(process.env["CACHE_EDITS"] ?? 2000) },
    );
  });
});

describe("the component cache", () => {
  const bytes = read(guestFile("hello"));
  const cacheOf = (folder: string, path = "/hello.wasm", module = bytes) =>
    new ComponentCache(tools, folder, path, module);

  async function keep(cache: ComponentCache, module = bytes): Promise<void> {
    assert.deepEqual(await cache.find(), {});
    assert.equal(await cache.keep({ component: parseComponent(module), collects: false }), undefined);
  }

  const guests = globSync("tests/guests/**/*.wasm", { exclude: ["tests/guests/build/**"] });
  for (const guest of guests.filter((each) => !isCoreModule(read(each)))) {
    it(`gives back what was read of ${guest}`, async () => {
      const module = read(guest);
      const cache = cacheOf(newFolder(), `/${guest}`, module);
      await keep(cache, module);
      assert.deepEqual(await cache.find(), { kept: { component: parseComponent(module), collects: false } });
    });
  }

  it("makes its folder for the user alone, and those above it", async () => {
    const above = newFolder();
    const folder = join(above, "cache/pollux");
    await keep(cacheOf(folder));
    const [name = ""] = readdirSync(folder);
    const modes = [above, join(above, "cache"), folder, join(folder, name)].map((path) => statSync(path).mode & 0o777);
    assert.deepEqual(modes, [0o700, 0o700, 0o700, 0o600]);
  });

  it("has one file for a path, and nothing of another path", async () => {
    const folder = newFolder();
    await keep(cacheOf(folder));
    await keep(cacheOf(folder, "/other.wasm"));
    const changed = bytes.slice();
    changed[changed.length - 1]! ^= 1;
    assert.deepEqual(await cacheOf(folder, "/hello.wasm", changed).find(), {});
    assert.equal(readdirSync(folder).length, 2);
  });

  it("replaces what was damaged", async () => {
    const folder = newFolder();
    await keep(cacheOf(folder));
    const [name = ""] = readdirSync(folder);
    for (const content of ["", "not what it was\n"]) {
      writeFileSync(join(folder, name), content);
      await keep(cacheOf(folder));
      assert.ok((await cacheOf(folder).find()).kept);
    }
  });

  it("counts the age of what is used from today", async () => {
    const folder = newFolder();
    await keep(cacheOf(folder));
    const [name = ""] = readdirSync(folder);
    const longAgo = new Date(Date.now() - LONGEST);
    utimesSync(join(folder, name), longAgo, longAgo);
    assert.ok((await cacheOf(folder).find()).kept);
    assert.ok(Date.now() - statSync(join(folder, name)).mtimeMs < LONGEST / 2);
  });
});

describe("the bounds of the component cache", () => {
  const now = Date.now();
  /** A folder with files of these sizes (bytes) and ages (ms), and what of them stays. */
  function pruned(files: readonly { readonly size: number; readonly age: number }[], more: readonly string[] = []) {
    const folder = PrivateFolder.make(newFolder());
    const names = files.map((_, i) => tools.sha256(`${i}`));
    for (const [i, { size, age }] of files.entries()) put(join(folder.path, names[i]!), size, age);
    for (const name of more) put(join(folder.path, name), 1, LONGEST + 1000);
    prune(folder, now);
    const left = new Set(readdirSync(folder.path));
    return { kept: names.map((name) => left.has(name)), more: more.filter((name) => left.has(name)) };
  }
  function put(path: string, size: number, age: number): void {
    writeFileSync(path, "");
    truncateSync(path, size);
    utimesSync(path, new Date(now - age), new Date(now - age));
  }

  it("removes what was not used for 30 days", () => {
    assert.deepEqual(
      pruned([
        { size: 1, age: LONGEST + 1000 },
        { size: 1, age: LONGEST - 1000 },
        { size: 1, age: -LONGEST },
      ]).kept,
      [false, true, true],
    );
  });

  it("removes the oldest of more than 64 MiB", () => {
    const files = [3000, 1000, 2000].map((age) => ({ size: MOST_BYTES / 2, age }));
    assert.deepEqual(pruned(files).kept, [false, true, true]);
  });

  it("removes the oldest of more than 1000", () => {
    const files = Array.from({ length: MOST_ENTRIES + 2 }, (_, i) => ({ size: 1, age: i * 1000 }));
    assert.deepEqual(
      pruned(files).kept,
      files.map((_, i) => i < MOST_ENTRIES),
    );
  });

  it("removes what a killed process left of a file, and nothing that is not the cache's", () => {
    const strangers = ["notes.txt", "README", `${tools.sha256("x")}.txt`, tools.sha256("x").slice(1)];
    const left = `${tools.sha256("x")}.${crypto.randomUUID()}`;
    assert.deepEqual(pruned([], [...strangers, left]).more, strangers);
  });
});

describe("the place of the component cache", () => {
  for (const [environment, expected] of [
    [{ XDG_CACHE_HOME: "/x", HOME: "/h" }, "/x/pollux"],
    [{ XDG_CACHE_HOME: "x", HOME: "/h" }, "/h/.cache/pollux"],
    [{ XDG_CACHE_HOME: "", HOME: "/h" }, "/h/.cache/pollux"],
    [{ HOME: "/h" }, "/h/.cache/pollux"],
    [{ HOME: "h" }, undefined],
    [{ HOME: "" }, undefined],
    [{}, undefined],
  ] as const) {
    it(`${JSON.stringify(environment)}: ${expected ?? "none"}`, () => {
      const variables: Readonly<Record<string, string>> = environment;
      assert.equal(
        cacheFolder((name) => variables[name]),
        expected,
      );
    });
  }
});
