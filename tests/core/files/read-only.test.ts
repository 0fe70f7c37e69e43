/** Directories of `--dir HOST::GUEST:ro`: what reads works, and nothing is changed in any way. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { OpenFiles } from "../../../src/core/files/open-files.ts";
import { openPreopens } from "../../../src/core/files/preopens.ts";
import type { DirectoryHandle, FileErrorCode, FileHandle, NewTimestamp } from "../../../src/machine/files.ts";
import { createMachine } from "../../machine.ts";
import { Temporary } from "./tree.ts";

const machine = await createMachine();
const READ = { follow: true, read: true, write: false, create: false, exclusive: false, truncate: false };
const NOW: NewTimestamp = { tag: "now" };

interface Given {
  /** That may be read only, and one beside it that may be written. */
  readonly directory: DirectoryHandle;
  readonly writable: DirectoryHandle;
}

function plant(base: string): Given {
  for (const folder of ["ro/deep", "rw"]) mkdirSync(join(base, folder), { recursive: true });
  writeFileSync(join(base, "ro/file"), "text");
  writeFileSync(join(base, "ro/deep/below"), "below");
  writeFileSync(join(base, "rw/own"), "own");
  symlinkSync("file", join(base, "ro/link"));
  const [readOnly, plain] = openPreopens(machine.files, new OpenFiles(), [
    { host: join(base, "ro"), guest: "/", readOnly: true },
    { host: join(base, "rw"), guest: "/rw" },
  ]);
  return { directory: readOnly!.directory.handle, writable: plain!.directory.handle };
}

function file(opened: FileHandle | DirectoryHandle | FileErrorCode): FileHandle {
  assert.ok(typeof opened !== "string" && opened.type !== "directory", String(opened));
  return opened;
}

function folder(opened: FileHandle | DirectoryHandle | FileErrorCode): DirectoryHandle {
  assert.ok(typeof opened !== "string" && opened.type === "directory", String(opened));
  return opened;
}

/** Everything that is there, with what files hold and when they were changed. */
function everything(path: string): unknown {
  return readdirSync(path, { withFileTypes: true })
    .toSorted((a, b) => a.name.localeCompare(b.name))
    .map((entry) => {
      const at = join(path, entry.name);
      if (entry.isDirectory()) return [entry.name, statSync(at).mtimeMs, everything(at)];
      return [entry.name, statSync(at).mtimeMs, statSync(at).nlink, readFileSync(at, "utf8")];
    });
}

describe("a directory to read only", {
  skip: process.platform === "linux" ? false : "files are contained on Linux only",
}, () => {
  it("is read, and what is beneath it", () => {
    using temporary = new Temporary();
    const { directory } = plant(temporary.path);
    assert.equal(file(directory.openAt("file", READ)).read(100, 0n), 4);
    const deep = folder(directory.openAt("deep", READ));
    assert.equal(file(deep.openAt("below", READ)).read(100, 0n), 5);
    const entries = directory.entries();
    assert.ok(typeof entries !== "string");
    assert.equal(entries.length, 3);
    assert.equal(typeof directory.statAt("link", true), "object");
    assert.deepEqual(directory.readlinkAt("link"), new TextEncoder().encode("file"));
    assert.equal(directory.sync("all"), undefined);
    for (const handle of [deep, directory]) handle.close();
  });

  const changes: readonly (readonly [string, (given: Given) => unknown])[] = [
    ["open for writing", ({ directory }) => directory.openAt("file", { ...READ, write: true })],
    ["create", ({ directory }) => directory.openAt("new", { ...READ, write: true, create: true })],
    ["create for reading", ({ directory }) => directory.openAt("new", { ...READ, create: true })],
    ["truncate", ({ directory }) => directory.openAt("file", { ...READ, truncate: true })],
    ["a link to a file, opened for writing", ({ directory }) => directory.openAt("link", { ...READ, write: true })],
    [
      "open beneath",
      ({ directory }) => folder(directory.openAt("deep", READ)).openAt("below", { ...READ, write: true }),
    ],
    ["its times", ({ directory }) => directory.setTimes(NOW, NOW)],
    ["a file's times", ({ directory }) => directory.setTimesAt("file", true, NOW, NOW)],
    ["an open file's times", ({ directory }) => file(directory.openAt("file", READ)).setTimes(NOW, NOW)],
    ["an open file's size", ({ directory }) => file(directory.openAt("file", READ)).setSize(0n)],
    ["make a directory", ({ directory }) => directory.createDirectoryAt("new")],
    ["remove a directory", ({ directory }) => directory.removeDirectoryAt("deep")],
    ["unlink", ({ directory }) => directory.unlinkFileAt("file")],
    ["make a symbolic link", ({ directory }) => directory.symlinkAt("file", "new")],
    ["link within", ({ directory }) => directory.linkAt("file", directory, "new")],
    ["link out, where it could be written", ({ directory, writable }) => directory.linkAt("file", writable, "stolen")],
    ["link in", ({ directory, writable }) => writable.linkAt("own", directory, "new")],
    [
      "link in, beneath",
      ({ directory, writable }) => writable.linkAt("own", folder(directory.openAt("deep", READ)), "new"),
    ],
    ["rename within", ({ directory }) => directory.renameAt("file", directory, "new")],
    ["rename out", ({ directory, writable }) => directory.renameAt("file", writable, "new")],
    ["rename in", ({ directory, writable }) => writable.renameAt("own", directory, "new")],
  ];
  for (const [what, change] of changes) {
    it(`${what}: read-only, and nothing has changed`, () => {
      using temporary = new Temporary();
      const given = plant(temporary.path);
      const before = everything(temporary.path);
      assert.equal(change(given), "read-only");
      assert.deepEqual(everything(temporary.path), before);
    });
  }

  it("an open file is not written", () => {
    using temporary = new Temporary();
    const { directory } = plant(temporary.path);
    const opened = file(directory.openAt("file", READ));
    const result = opened.write(new TextEncoder().encode("x"), 0, 1, 0n);
    assert.ok(typeof result === "object" && result.code === "bad-descriptor", JSON.stringify(result));
    assert.equal(readFileSync(join(temporary.path, "ro/file"), "utf8"), "text");
  });
});
