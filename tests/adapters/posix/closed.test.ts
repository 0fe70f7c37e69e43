/** What was closed has no number any more: that is soon another's. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { DirectoryHandle, FileHandle } from "../../../src/machine/files.ts";
import { Temporary } from "../../core/files/tree.ts";
import { createMachine } from "../../machine.ts";

const machine = await createMachine();
const READ = { read: true, write: false, create: false, exclusive: false, truncate: false, follow: true };
const BOTH = { ...READ, write: true };
const unchanged = { tag: "no-change" } as const;

/** A directory with the file "mine", a fifo and a directory in it, and another beside it, of the same entries. */
function planted(base: string): { readonly root: DirectoryHandle; readonly other: DirectoryHandle } {
  const roots = ["one", "other"].map((name) => {
    const path = join(base, name);
    mkdirSync(join(path, "folder"), { recursive: true });
    writeFileSync(join(path, "mine"), name);
    execFileSync("mkfifo", [join(path, "fifo")]);
    const root = machine.files.openDirectory(path);
    if ("errno" in root) assert.fail(root.message);
    return root;
  });
  return { root: roots[0]!, other: roots[1]! };
}

function fileIn(directory: DirectoryHandle, name: string): FileHandle {
  const found = directory.openAt(name, BOTH);
  if (typeof found === "string" || found.type === "directory") assert.fail(`${name}: no file`);
  return found;
}

const code = (result: unknown): unknown =>
  typeof result === "object" && result !== null && "code" in result ? result.code : result;

const bytes = new Uint8Array(8);
const big = new Uint8Array(8192);

const ofFiles: Readonly<Record<string, (file: FileHandle) => unknown>> = {
  stat: (file) => file.stat(),
  setTimes: (file) => file.setTimes(unchanged, { tag: "now" }),
  sync: (file) => file.sync("all"),
  "sync of data": (file) => file.sync("data"),
  read: (file) => file.read(8, 0n),
  readInto: (file) => file.readInto(bytes, 0, 8, 0n),
  "readInto, straight": (file) => file.readInto(big, 0, big.length, 0n),
  write: (file) => file.write(bytes, 0, 8, 0n),
  append: (file) => file.write(bytes, 0, 8, "end"),
  setSize: (file) => file.setSize(0n),
  advise: (file) => file.advise(0n, 1n, "normal"),
};

const ofDirectories: Readonly<Record<string, (directory: DirectoryHandle, open: DirectoryHandle) => unknown>> = {
  stat: (directory) => directory.stat(),
  setTimes: (directory) => directory.setTimes(unchanged, { tag: "now" }),
  sync: (directory) => directory.sync("all"),
  entries: (directory) => directory.entries(),
  openAt: (directory) => directory.openAt("mine", READ),
  statAt: (directory) => directory.statAt("mine", true),
  setTimesAt: (directory) => directory.setTimesAt("mine", true, unchanged, { tag: "now" }),
  createDirectoryAt: (directory) => directory.createDirectoryAt("new"),
  removeDirectoryAt: (directory) => directory.removeDirectoryAt("folder"),
  unlinkFileAt: (directory) => directory.unlinkFileAt("mine"),
  readlinkAt: (directory) => directory.readlinkAt("mine"),
  symlinkAt: (directory) => directory.symlinkAt("mine", "link"),
  linkAt: (directory, open) => directory.linkAt("mine", open, "linked"),
  "linkAt, to": (directory, open) => open.linkAt("mine", directory, "linked"),
  renameAt: (directory, open) => directory.renameAt("mine", open, "renamed"),
};

describe("what was closed, when another has its number", () => {
  for (const [name, use] of Object.entries(ofFiles))
    it(`a file: ${name}`, () => {
      using base = new Temporary();
      const { root, other } = planted(base.path);
      const closed = fileIn(root, "mine");
      closed.close();
      const next = fileIn(other, "mine");
      assert.equal(code(use(closed)), "bad-descriptor");
      closed.close();
      assert.equal(next.readInto(bytes, 0, 8, 0n), 5);
      for (const handle of [next, root, other]) handle.close();
    });

  for (const [name, use] of Object.entries(ofDirectories))
    it(`a directory: ${name}`, () => {
      using base = new Temporary();
      const { root, other } = planted(base.path);
      const closed = root.openAt("folder", READ);
      if (typeof closed === "string" || closed.type !== "directory") assert.fail("no directory");
      closed.close();
      const next = other.openAt(".", READ);
      if (typeof next === "string" || next.type !== "directory") assert.fail("no directory");
      assert.equal(code(use(closed, other)), "bad-descriptor");
      closed.close();
      const file = fileIn(next, "mine");
      assert.equal(file.readInto(bytes, 0, 8, 0n), 5);
      for (const handle of [file, next, root, other]) handle.close();
    });

  it("a stream", () => {
    using base = new Temporary();
    const { root, other } = planted(base.path);
    const closed = fileIn(root, "fifo");
    closed.close();
    const next = fileIn(other, "fifo");
    assert.ok(closed.stream !== undefined && next.stream !== undefined);
    assert.equal(next.stream.send(bytes), 8);
    assert.equal(code(closed.stream.receive(8)), "bad-descriptor");
    assert.equal(code(closed.stream.receiveInto(bytes, 0, 8)), "bad-descriptor");
    assert.equal(code(closed.stream.send(bytes)), "bad-descriptor");
    closed.close();
    assert.equal(next.stream.receive(8), 8);
    for (const handle of [next, root, other]) handle.close();
  });

  for (const kind of ["Tcp", "Udp"] as const)
    it(`a socket (${kind})`, () => {
      const open = () => {
        const socket = machine.net[`create${kind}Socket`]("ipv4");
        if (typeof socket === "string" || "errno" in socket) assert.fail("no socket");
        return socket;
      };
      const address = { tag: "ipv4", val: { port: 0, address: [127, 0, 0, 1] } } as const;
      const closed = open();
      closed.close();
      const next = open();
      const results = [
        closed.bind(address),
        closed.localAddress(),
        closed.remoteAddress(),
        closed.getOption("receive-buffer-size"),
        closed.setOption("receive-buffer-size", 8192),
        closed.receive(8),
      ];
      assert.deepEqual(
        results,
        results.map(() => "unknown"),
      );
      closed.close();
      assert.equal(next.bind(address), undefined);
      next.close();
    });
});
