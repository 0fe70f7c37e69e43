/** Memories that seem no larger than their guests have made them. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { readCodeState } from "../../../src/wasm/code-state.ts";
import { withOversizedMemory } from "../../../src/wasm/edit/oversized-memory.ts";
import { trapOnGrowFailure } from "../../../src/wasm/limits/grow-traps.ts";
import { guestModules } from "../modules.ts";

const core = async (text: string): Promise<Uint8Array<ArrayBuffer>> => new Uint8Array(await parse(`(module ${text})`));

function virtual(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | undefined {
  for (const steps = readCodeState(bytes); ; ) {
    const { done, value } = steps.next();
    if (done === true) return withOversizedMemory(bytes, value.growing);
  }
}

interface Growing {
  grow(pages: number): number;
  size(): number;
  readonly memory: WebAssembly.Memory;
}

function instance(bytes: Uint8Array<ArrayBuffer>): Growing {
  return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as never;
}

const growing = (memory: string) => `(memory (export "memory") ${memory})
  (global (mut i32) (i32.const 3))
  (func (export "grow") (param i32) (result i32) (local i64) (memory.grow (local.get 0)))
  (func (export "size") (result i32) (block (nop)) (memory.size))`;

describe("a memory that grows for its guest", () => {
  for (const memory of ["0", "1", "2 5", "63", "64 70", "100 65536"]) {
    it(`answers as ${memory} pages do`, async () => {
      const bytes = await core(growing(memory));
      const changed = virtual(bytes);
      assert.ok(changed !== undefined);
      const [real, seeming] = [instance(bytes), instance(changed)];
      for (const pages of [0, 1, 2, -1, 3, 0x10000, 0x10001, 1 << 31, 0]) {
        assert.equal(seeming.grow(pages), real.grow(pages), `grow ${pages}`);
        assert.equal(seeming.size(), real.size());
        assert.equal(seeming.memory.buffer.byteLength, real.memory.buffer.byteLength);
      }
    });
  }

  it("traps instead, where its failures are to", async () => {
    const { grow } = instance(trapOnGrowFailure(virtual(await core(growing("1 6")))!));
    assert.equal(grow(1), 1);
    for (const pages of [5, 70_000, -1]) assert.throws(() => grow(pages), WebAssembly.RuntimeError);
  });

  it("takes first what there is", async () => {
    const { grow, size, memory } = instance(virtual(await core(growing("1 6")))!);
    memory.grow(3);
    assert.equal(size(), 1);
    assert.deepEqual([grow(2), size(), memory.buffer.byteLength], [1, 3, 4 * 65_536]);
    assert.deepEqual([grow(2), size(), memory.buffer.byteLength], [3, 5, 5 * 65_536]);
    assert.deepEqual([grow(2), size()], [-1, 5]);
    assert.deepEqual([grow(1), size()], [5, 6]);
  });

  const left: readonly [what: string, text: string][] = [
    ["no memory", "(func)"],
    ["one that it imports", '(import "a" "m" (memory 1)) (func (drop (memory.size)))'],
    ["an imported one beside its own", '(import "a" "m" (memory 1)) (memory 1) (func (drop (memory.size)))'],
    ["two", "(memory 1) (memory 1) (func (drop (memory.size 1)))"],
    ["of 64 bits", "(memory i64 1) (func (drop (memory.size)))"],
  ];
  for (const [what, text] of left)
    it(`is as it was: ${what}`, async () => assert.equal(virtual(await core(text)), undefined));

  it("is as valid as before, whatever a compiler has made", () => {
    let changed = 0;
    for (const { name, bytes } of guestModules()) {
      const made = virtual(bytes);
      if (made === undefined) continue;
      changed++;
      assert.ok(WebAssembly.validate(made), name);
    }
    assert.ok(changed > 10, `${changed} modules`);
  });
});
