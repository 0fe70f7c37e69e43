/** Memories that are set to 0 where they are not. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { clearer } from "../../src/wasm/clear-memory.ts";

const PAGE = 65_536;

describe("a memory is cleared", () => {
  const places: readonly [what: string, pages: number, places: readonly number[]][] = [
    ["of no pages", 0, []],
    ["that nobody has touched", 3, []],
    ["at its first byte", 1, [0]],
    ["at its last byte", 2, [2 * PAGE - 1]],
    ["where blocks and rows meet", 2, [127, 128, 4095, 4096, 8191, 8192, PAGE - 1, PAGE]],
    ["with a maximum, in the middle", 17, [1_048_560, 1_048_576]],
  ];
  for (const [what, pages, touched] of places) {
    it(what, () => {
      const memory = new WebAssembly.Memory({ initial: pages, maximum: 64 });
      const clear = clearer(memory);
      const bytes = new Uint8Array(memory.buffer);
      for (const at of touched) bytes[at] = 0x80;
      clear(0, bytes.length);
      assert.ok(bytes.every((byte) => byte === 0));
    });
  }

  it("at each byte of a row", () => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const clear = clearer(memory);
    const bytes = new Uint8Array(memory.buffer);
    for (let at = 4096; at < 4096 + 256; at++) {
      bytes[at] = 1;
      clear(0, bytes.length);
      assert.equal(bytes[at], 0, `byte ${at}`);
    }
  });

  it("wholly, after it has grown", () => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const clear = clearer(memory);
    memory.grow(1);
    const bytes = new Uint8Array(memory.buffer).fill(0xff);
    clear(0, bytes.length);
    assert.ok(bytes.every((byte) => byte === 0));
  });

  it("in part", () => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const bytes = new Uint8Array(memory.buffer).fill(0xff);
    const clear = clearer(memory);
    clear(4096, 4096);
    assert.ok(bytes.every((byte) => byte === 0xff));
    clear(8192, 20_480);
    assert.deepEqual(
      [8191, 8192, 20_479, 20_480].map((at) => bytes[at]),
      [0xff, 0, 0, 0xff],
    );
  });
});
