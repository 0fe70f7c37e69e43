/** Contents of files, straight from and into memory that others have: what is read and written, and what is left alone. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import fc from "fast-check";
import { FileSink, FileSource } from "../../../src/core/files/file-streams.ts";
import { OpenFiles, type SharedHandle } from "../../../src/core/files/open-files.ts";
import { openPreopens } from "../../../src/core/files/preopens.ts";
import type { FileHandle } from "../../../src/machine/files.ts";
import { createMachine } from "../../machine.ts";
import { Temporary } from "./tree.ts";

const machine = await createMachine();

/** Of a wasm memory, two pages: on both sides of the limit from which bytes go without a buffer between. */
const SIZE = 131_072;
const content = Buffer.from(Uint32Array.from({ length: 50_000 }, (_, i) => Math.imul(i, 2_654_435_761)).buffer);

interface Given extends Disposable {
  readonly path: string;
  readonly file: SharedHandle<FileHandle>;
}

/** A file with that content, open for both. */
function given(): Given {
  const temporary = new Temporary();
  const path = join(temporary.path, "file");
  writeFileSync(path, content);
  const openFiles = new OpenFiles();
  const [preopen] = openPreopens(machine.files, openFiles, [{ host: temporary.path, guest: "/" }]);
  const options = { follow: true, read: true, write: true, create: false, exclusive: false, truncate: false };
  const handle = preopen!.directory.handle.openAt("file", options);
  if (typeof handle === "string" || handle.type === "directory") assert.fail(String(handle));
  return {
    path,
    file: openFiles.add(handle),
    [Symbol.dispose]() {
      openFiles.closeAll();
      temporary[Symbol.dispose]();
    },
  };
}

function memory(): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: SIZE / 65_536 });
}

const range = fc
  .tuple(fc.nat(SIZE), fc.nat(SIZE))
  .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
  .filter(([start, end]) => end > start);
const offset = fc.nat(content.length + 10);

describe("contents of files", {
  skip: process.platform === "linux" ? false : "files are contained on Linux only",
}, () => {
  it("are read into a range of a memory, and nothing beside it is touched", () => {
    using opened = given();
    fc.assert(
      fc.property(range, offset, ([start, end], at) => {
        const bytes = new Uint8Array(memory().buffer).fill(0xee);
        const source = new FileSource(opened.file, BigInt(at));
        const count = source.receiveInto(bytes, start, end);
        const expected = content.subarray(at, at + end - start);
        assert.equal(count, expected.length);
        assert.ok(expected.equals(bytes.subarray(start, start + expected.length)));
        assert.ok(bytes.subarray(0, start).every((byte) => byte === 0xee));
        assert.ok(bytes.subarray(start + expected.length).every((byte) => byte === 0xee));
      }),
      { numRuns: 300 },
    );
  });

  it("are written from a range of a memory, or of bytes of the runtime's", () => {
    using opened = given();
    const model = Buffer.from(content);
    const kinds = [() => new Uint8Array(memory().buffer), () => new Uint8Array(SIZE), () => Buffer.alloc(SIZE)];
    const kind = fc.constantFrom(...kinds);
    fc.assert(
      fc.property(kind, range, fc.nat(content.length - SIZE), fc.nat(255), (make, [start, end], at, byte) => {
        const bytes = make().fill(byte, start, end);
        const sink = new FileSink(opened.file, BigInt(at));
        assert.equal(sink.send(bytes, start, end), end - start);
        model.fill(byte, at, at + end - start);
        assert.ok(readFileSync(opened.path).equals(model));
      }),
      { numRuns: 100 },
    );
  });

  it("go on where the last piece has ended, in a memory that grows meanwhile", () => {
    using opened = given();
    const guest = memory();
    const source = new FileSource(opened.file, 0n);
    const sink = new FileSink(opened.file, "end");
    let at = 0;
    for (let i = 0; at < content.length; i++) {
      const bytes = new Uint8Array(guest.buffer);
      const count = source.receiveInto(bytes, 7, 7 + Math.min(10_000 + i, content.length - at));
      assert.ok(typeof count === "number" && count > 0);
      assert.ok(content.subarray(at, at + count).equals(bytes.subarray(7, 7 + count)));
      assert.equal(sink.send(bytes, 7, 7 + count), count);
      at += count;
      guest.grow(1);
    }
    assert.ok(readFileSync(opened.path).equals(Buffer.concat([content, content])));
  });

  it("are told from views in the middle of their buffer, and from memories in turn", () => {
    using opened = given();
    const source = new FileSource(opened.file, 0n);
    const views = [0, 1, 2].map((i) => new Uint8Array(memory().buffer, 1000 * i, 20_000));
    for (let i = 0; i < 9; i++) {
      const bytes = views[i % 3]!;
      assert.equal(source.receiveInto(bytes, 100, 5100), 5000);
      assert.ok(content.subarray(i * 5000, (i + 1) * 5000).equals(bytes.subarray(100, 5100)));
      assert.equal(bytes[99], 0);
      assert.equal(bytes[5100], 0);
    }
  });

  it("past the end are none, at impossible offsets an error", () => {
    using opened = given();
    const bytes = new Uint8Array(memory().buffer);
    for (const length of [1, 5000]) {
      assert.equal(new FileSource(opened.file, BigInt(content.length)).receiveInto(bytes, 0, length), 0);
      for (const end of [new FileSource(opened.file, 2n ** 64n - 1n), new FileSink(opened.file, 2n ** 63n)]) {
        const failed = end instanceof FileSource ? end.receiveInto(bytes, 0, length) : end.send(bytes, 0, length);
        assert.ok(typeof failed === "object" && failed.code === "invalid");
      }
    }
  });
});
