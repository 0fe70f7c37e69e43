/** What the guests of tests/e2e/files3.test.ts cannot make, or see of their host. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { ByteProducer, HostFuture, ValueProducer } from "../../../../src/component/streams.ts";
import type { Descriptor } from "../../../../src/core/files/descriptor.ts";
import { OpenFiles } from "../../../../src/core/files/open-files.ts";
import { openPreopens } from "../../../../src/core/files/preopens.ts";
import type { FileErrorCode } from "../../../../src/machine/files.ts";
import { descriptorType } from "../../../../src/wasi/p3/filesystem/descriptor-type.ts";
import { fileError } from "../../../../src/wasi/p3/filesystem/error-code.ts";
import { filesystemImports } from "../../../../src/wasi/p3/filesystem/imports.ts";
import type { ErrorPayload, StreamResult } from "../../../../src/wasi/stream-result.ts";
import { Temporary } from "../../../core/files/tree.ts";
import { callOf, decode, eachSetting, encode, hostOf, read, resolved, type Setting, settled, Writer } from "../host.ts";

type FileFuture = HostFuture<StreamResult<ErrorPayload>>;

const READ = { read: true, write: false };
const WRITE = { read: false, write: true };
const NONE = { create: false, directory: false, exclusive: false, truncate: false };

/** A guest with a directory, and what it calls. */
function guest(setting: Setting, path: string) {
  const openFiles = new OpenFiles();
  const preopens = openPreopens(setting.machine.files, openFiles, [{ host: path, guest: "/" }]);
  const call = callOf(filesystemImports(hostOf(setting, { openFiles, preopens })));
  const method = <T>(name: string, ...args: readonly unknown[]): T =>
    call("wasi:filesystem/types", `[method]descriptor.${name}`, ...args) as T;
  const directories = call("wasi:filesystem/preopens", "get-directories") as readonly [Descriptor, string][];
  const [root, name] = directories[0]!;
  assert.equal(name, "/");
  const open = (file: string, flags: object, create = false) =>
    settled<Descriptor>(setting, method("open-at", root, { symlinkFollow: true }, file, { ...NONE, create }, flags));
  return { root, method, open, [Symbol.dispose]: () => openFiles.closeAll() };
}

/** How many of this process's descriptors lead to files in the directory. */
function openIn(path: string): number {
  return readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(`${path}/`);
    } catch (error) {
      // The one that lists the folder is gone by now.
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
      throw error;
    }
  }).length;
}

const skip = process.platform === "linux" ? false : "files are contained on Linux only";

await eachSetting((setting) => {
  if (setting.net !== "posix") return;
  describe(`streams of files, ${setting.name}`, { skip }, () => {
    it("a file is open until its last stream is over: at its end, when it is dropped, when it fails", async () => {
      using temporary = new Temporary();
      writeFileSync(join(temporary.path, "file"), "0123456789");
      using given = guest(setting, temporary.path);
      const streamOf = async (offset: bigint) => {
        const file = await given.open("file", READ);
        const [producer, over] = given.method<[ByteProducer, FileFuture]>("read-via-stream", file, offset);
        file[Symbol.dispose]();
        return { producer, over };
      };
      const [whole, dropped, failed] = [await streamOf(2n), await streamOf(0n), await streamOf(2n ** 64n - 1n)];
      assert.equal(openIn(temporary.path), 3);
      assert.equal(decode(await settled(setting, read(whole.producer))), "23456789");
      assert.equal(openIn(temporary.path), 2);
      assert.deepEqual(resolved(whole.over), { tag: "ok", val: undefined });
      assert.equal(dropped.producer.produce(3), 3);
      assert.ok(!dropped.over.resolved);
      dropped.producer.drop();
      assert.deepEqual(resolved(dropped.over), { tag: "ok", val: undefined });
      assert.equal(failed.producer.produce(1), "closed");
      assert.deepEqual(resolved(failed.over), { tag: "err", val: { tag: "invalid" } });
      assert.equal(openIn(temporary.path), 0);
    });

    it("what is written is there at once, and the file open until the writer is gone", async () => {
      using temporary = new Temporary();
      using given = guest(setting, temporary.path);
      const file = await given.open("file", WRITE, true);
      const [writer, appender] = [new Writer(), new Writer()];
      const over = given.method<FileFuture>("write-via-stream", file, writer, 3n);
      const appended = given.method<FileFuture>("append-via-stream", file, appender);
      file[Symbol.dispose]();
      const written = async (to: Writer, text: string) => settled(setting, to.write(encode(text)));
      assert.equal(await written(writer, "four"), 4);
      assert.equal(await written(appender, "!"), 1);
      assert.equal(await written(writer, "5"), 1);
      assert.equal(readFileSync(join(temporary.path, "file"), "utf8"), "\0\0\0four5");
      writer.end();
      assert.deepEqual(resolved(over), { tag: "ok", val: undefined });
      assert.equal(openIn(temporary.path), 1);
      appender.end();
      assert.deepEqual(resolved(appended), { tag: "ok", val: undefined });
      assert.equal(openIn(temporary.path), 0);
    });

    it("nobody has the thread for more than a mebibyte", async () => {
      using temporary = new Temporary();
      using given = guest(setting, temporary.path);
      const bytes = new Uint8Array(3 << 20);
      const file = await given.open("file", { read: true, write: true }, true);
      const writer = new Writer();
      given.method<FileFuture>("write-via-stream", file, writer, 0n);
      assert.equal(writer.consumer?.consume(bytes, 0, bytes.length), 1 << 20);
      const [producer] = given.method<[ByteProducer, FileFuture]>("read-via-stream", file, 0n);
      assert.equal(producer.produceInto?.(bytes, 5, bytes.length), 1 << 20);
    });

    it("a stream that there cannot be is over, its writer's reader gone, and the future says why", () => {
      using temporary = new Temporary();
      using given = guest(setting, temporary.path);
      const [producer, failed] = given.method<[ByteProducer, FileFuture]>("read-via-stream", given.root, 0n);
      assert.equal(producer.produce(1), "closed");
      assert.deepEqual(resolved(failed), { tag: "err", val: { tag: "is-directory" } });
      for (const [name, ...args] of [["write-via-stream", 0n], ["append-via-stream"]] as const) {
        const writer = new Writer();
        const over = given.method<FileFuture>(name, given.root, writer, ...args);
        assert.ok(writer.dropped);
        assert.deepEqual(resolved(over), { tag: "err", val: { tag: "bad-descriptor" } });
      }
    });

    it("entries come as many as are asked for, and the future when all have been told", () => {
      using temporary = new Temporary();
      for (let i = 0; i < 1500; i++) writeFileSync(join(temporary.path, `entry ${i}`), "");
      execFileSync("mkfifo", [join(temporary.path, "fifo")]);
      using given = guest(setting, temporary.path);
      const [producer, over] = given.method<[ValueProducer<{ type: object; name: string }>, FileFuture]>(
        "read-directory",
        given.root,
      );
      const found: { type: object; name: string }[] = [];
      const counts: number[] = [];
      for (const max of [1, 7, 100_000, 100_000]) {
        const entries = producer.produce(max);
        assert.ok(typeof entries !== "string" && !over.resolved);
        counts.push(entries.length);
        found.push(...entries);
      }
      assert.deepEqual(counts, [1, 7, 1024, 1501 - 1032]);
      assert.equal(producer.produce(1), "closed");
      assert.deepEqual(resolved(over), { tag: "ok", val: undefined });
      assert.equal(new Set(found.map(({ name }) => name)).size, 1501);
      const typeOf = (name: string) => found.find((entry) => entry.name === name)?.type;
      assert.deepEqual([typeOf("fifo"), typeOf("entry 7")], [{ tag: "fifo" }, { tag: "regular-file" }]);
    });

    it("a fifo's stream is waited for", async () => {
      using temporary = new Temporary();
      const path = join(temporary.path, "fifo");
      execFileSync("mkfifo", [path]);
      using given = guest(setting, temporary.path);
      const both = await given.open("fifo", { read: true, write: true });
      const [producer, over] = given.method<[ByteProducer, FileFuture]>("read-via-stream", both, 0n);
      assert.equal(producer.produce(10), "would-block");
      const writer = new Writer();
      given.method<FileFuture>("write-via-stream", both, writer, 0n);
      const bytes = encode("x".repeat(5000));
      assert.equal(await settled(setting, writer.write(bytes)), bytes.length);
      const memory = new Uint8Array(8000);
      assert.equal(producer.produceInto?.(memory, 1000, 7000), 5000);
      assert.deepEqual(memory.subarray(1000, 6000), bytes);
      assert.equal(producer.produceInto?.(memory, 0, 7000), "would-block");
      producer.drop();
      assert.ok(over.resolved);
      writer.end();
    });
  });
});

describe("what 0.3 has no word for", () => {
  const errors: readonly (readonly [FileErrorCode, object])[] = [
    ["no-entry", { tag: "no-entry" }],
    ["io", { tag: "io" }],
    ["file-limit", { tag: "other", val: "too many open files" }],
    ["would-block", { tag: "other", val: "it would have to be waited for" }],
  ];
  for (const [code, payload] of errors) it(`${code}: an error`, () => assert.deepEqual(fileError(code), payload));
  it("unknown: a type", () => assert.deepEqual(descriptorType("unknown"), { tag: "other", val: undefined }));
});
