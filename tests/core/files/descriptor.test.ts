/** What the guests of tests/e2e/files.test.ts cannot make or see for themselves. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Descriptor, type DescriptorFlags } from "../../../src/core/files/descriptor.ts";
import { metadataHash } from "../../../src/core/files/metadata-hash.ts";
import { OpenFiles } from "../../../src/core/files/open-files.ts";
import { openPreopens, PreopenError } from "../../../src/core/files/preopens.ts";
import { BlockingPoll } from "../../../src/core/wait/poll.ts";
import { createMachine } from "../../machine.ts";
import { Temporary } from "./tree.ts";

const machine = await createMachine();
const poll = new BlockingPoll(machine);

const READ: DescriptorFlags = {
  read: true,
  write: false,
  fileIntegritySync: false,
  dataIntegritySync: false,
  requestedWriteSync: false,
  mutateDirectory: false,
};
const EXISTING = { create: false, directory: false, exclusive: false, truncate: false };

/** A guest's descriptor of the directory at `path`, and what that guest has open. */
function given(path: string): { root: Descriptor; openFiles: OpenFiles } {
  const openFiles = new OpenFiles();
  const [preopen] = openPreopens(machine.files, openFiles, [{ host: path, guest: "." }]);
  const access = { read: true, write: false, mutateDirectory: true };
  return { root: new Descriptor({ machine, poll, openFiles }, preopen!.directory, access), openFiles };
}

function opened(result: Descriptor | string): Descriptor {
  if (typeof result === "string") assert.fail(result);
  return result;
}

/** How many of this process's fds lead below `path`. */
function leadingBelow(path: string): number {
  const folder = "/proc/self/fd";
  return readdirSync(folder).filter((fd) => {
    // The one that lists the folder is gone by now.
    const link = join(folder, fd);
    return existsSync(link) && readlinkSync(link).startsWith(path);
  }).length;
}

describe("descriptors", { skip: process.platform === "linux" ? false : "files are contained on Linux only" }, () => {
  it("a name that is no UTF-8 is an error by itself; the others are read", () => {
    using temporary = new Temporary();
    execFileSync("sh", ["-c", 'cd "$1" && : >a && : >"$(printf "\\377")" && : >z', "sh", temporary.path]);
    const { root, openFiles } = given(temporary.path);
    const stream = root.readDirectory();
    if (typeof stream === "string") assert.fail(stream);
    const found: string[] = [];
    for (let entry = stream.next(); entry !== undefined; entry = stream.next())
      found.push(typeof entry === "string" ? `error ${entry}` : entry.name);
    assert.deepEqual(found.sort(), ["a", "error illegal-byte-sequence", "z"]);
    openFiles.closeAll();
  });

  it("a link's text that is no UTF-8 is an error", () => {
    using temporary = new Temporary();
    execFileSync("sh", ["-c", 'ln -s "$(printf "\\377")" "$1/link"', "sh", temporary.path]);
    const { root, openFiles } = given(temporary.path);
    assert.equal(root.readlinkAt("link"), "illegal-byte-sequence");
    openFiles.closeAll();
  });

  it("a link's text that is a path of the host's is not told", () => {
    using temporary = new Temporary();
    symlinkSync("/etc", join(temporary.path, "link"));
    const { root, openFiles } = given(temporary.path);
    assert.equal(root.readlinkAt("link"), "not-permitted");
    openFiles.closeAll();
  });

  it("a byte order mark in a name is a part of it", () => {
    using temporary = new Temporary();
    symlinkSync("\ufefft", join(temporary.path, "link"));
    const { root, openFiles } = given(temporary.path);
    assert.deepEqual(root.readlinkAt("link"), { target: "\ufefft" });
    openFiles.closeAll();
  });

  it("a directory that has been removed is empty", () => {
    using temporary = new Temporary();
    const { root, openFiles } = given(temporary.path);
    assert.equal(root.createDirectoryAt("gone"), undefined);
    const gone = opened(root.openAt(true, "gone", { ...EXISTING, directory: true }, READ));
    assert.equal(root.removeDirectoryAt("gone"), undefined);
    const stream = gone.readDirectory();
    if (typeof stream === "string") assert.fail(stream);
    assert.equal(stream.next(), undefined);
    openFiles.closeAll();
  });

  it("a fifo without a writer does not stop the guest's host", () => {
    using temporary = new Temporary();
    execFileSync("mkfifo", [join(temporary.path, "fifo")]);
    const { root, openFiles } = given(temporary.path);
    const fifo = opened(root.openAt(true, "fifo", EXISTING, READ));
    assert.equal(fifo.type, "fifo");
    assert.equal(fifo.read(1, 0n), "invalid-seek");
    fifo[Symbol.dispose]();
    assert.equal(root.openAt(true, "fifo", EXISTING, { ...READ, read: false, write: true }), "no-such-device");
    openFiles.closeAll();
  });

  it("a fifo whose other end nobody waits for any more is closed", () => {
    using temporary = new Temporary();
    execFileSync("mkfifo", [join(temporary.path, "fifo")]);
    const { root, openFiles } = given(temporary.path);
    const before = leadingBelow(temporary.path);
    const opening = root.openAtBlocking(true, "fifo", EXISTING, READ);
    assert.equal(opening.next().done, false);
    assert.equal(leadingBelow(temporary.path), before + 1);
    opening.return("interrupted");
    assert.equal(leadingBelow(temporary.path), before);
    openFiles.closeAll();
  });

  it("a file is closed with the last of its descriptor and its streams", () => {
    using temporary = new Temporary();
    writeFileSync(join(temporary.path, "a"), "text");
    const { root, openFiles } = given(temporary.path);
    const before = leadingBelow(temporary.path);
    const file = opened(root.openAt(true, "a", EXISTING, READ));
    const stream = file.readViaStream(1n);
    if (typeof stream === "string") assert.fail(stream);
    assert.equal(leadingBelow(temporary.path), before + 1);
    file[Symbol.dispose]();
    assert.equal(stream.read(100), 3);
    assert.equal(leadingBelow(temporary.path), before + 1);
    stream.dispose();
    assert.equal(leadingBelow(temporary.path), before);
    openFiles.closeAll();
  });

  it("refusals and look-ups leave nothing open; the end of a guest closes the rest", () => {
    using temporary = new Temporary();
    writeFileSync(join(temporary.path, "a"), "text");
    const { root, openFiles } = given(temporary.path);
    const before = leadingBelow(temporary.path);
    root.openAt(true, "a", { ...EXISTING, directory: true }, READ);
    root.statAt(true, "a");
    root.renameAt("a/b", root, "c");
    root.linkAt(false, "./a", root, "./none/b");
    root.readDirectory();
    root.sync("all");
    assert.equal(leadingBelow(temporary.path), before);
    opened(root.openAt(true, "a", EXISTING, READ));
    openFiles.closeAll();
    assert.equal(leadingBelow(temporary.path), 0);
  });

  it("paths that the kernel would not get whole are refused", () => {
    using temporary = new Temporary();
    const { root, openFiles } = given(temporary.path);
    assert.equal(root.createDirectoryAt("a\0b"), "invalid");
    assert.equal(root.createDirectoryAt("é".repeat(4000)), "name-too-long");
    assert.equal(root.createDirectoryAt("e".repeat(256)), "name-too-long");
    assert.equal(root.symlinkAt("a\0b", "link"), "invalid");
    assert.equal(root.renameAt("a", root, "x/".repeat(3000)), "name-too-long");
    assert.deepEqual(readdirSync(temporary.path), []);
    openFiles.closeAll();
  });

  it("a preopen that fails closes those before it", () => {
    using temporary = new Temporary();
    const openFiles = new OpenFiles();
    const preopens = [temporary.path, join(temporary.path, "none")].map((host) => ({ host, guest: "x" }));
    const message = `failed to open directory "${join(temporary.path, "none")}": No such file or directory (os error 2)`;
    const failure = { name: "PreopenError", message };
    assert.throws(() => openPreopens(machine.files, openFiles, preopens), failure);
    assert.throws(() => openPreopens(machine.files, openFiles, [{ host: "a\0b", guest: "x" }]), PreopenError);
    assert.equal(leadingBelow(temporary.path), 0);
  });
});

describe("metadata hashes", () => {
  const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  const stat = { type: "regular-file", linkCount: 1n, size: 0n } as const;
  const then = { seconds: 0n, nanoseconds: 0 };
  const times = { accessed: then, modified: then, changed: then };
  const hash = (device: bigint, inode: bigint) => metadataHash({ ...stat, ...times, device, inode });

  it("are u64, the same for the same file, and tell two inodes apart by either half", () => {
    fc.assert(
      fc.property(u64, u64, u64, (device, a, b) => {
        const [first, second] = [hash(device, a), hash(device, b)];
        for (const half of [first.lower, first.upper]) assert.equal(half, BigInt.asUintN(64, half));
        assert.deepEqual(hash(device, a), first);
        assert.equal(first.lower === second.lower, a === b);
        assert.equal(first.upper === second.upper, a === b);
      }),
    );
  });
});
