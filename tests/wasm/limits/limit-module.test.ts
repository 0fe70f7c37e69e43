import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parse } from "@bytecodealliance/jco-transpile/wasm-tools";
import { LimitError } from "../../../src/wasm/errors.ts";
import { limitModule, type ModuleLimits } from "../../../src/wasm/limits/limit-module.ts";

const PAGE = 65536;

async function binary(text: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await parse(text));
}

/** What memory and table grow to, one by one, at most 20 steps. */
async function grown(text: string, limits: ModuleLimits): Promise<{ memory?: number; table?: number }> {
  const module = new WebAssembly.Module(limitModule(await binary(text), limits));
  const { memory, table } = new WebAssembly.Instance(module).exports;
  const grow = (by: { grow(delta: number): number } | undefined) => {
    for (let step = 0; step < 20; step++) {
      try {
        by?.grow(1);
      } catch {
        return;
      }
    }
  };
  const out: { memory?: number; table?: number } = {};
  if (memory instanceof WebAssembly.Memory) {
    grow(memory);
    out.memory = memory.buffer.byteLength / PAGE;
  }
  if (table instanceof WebAssembly.Table) {
    grow(table);
    out.table = table.length;
  }
  return out;
}

describe("limitModule", () => {
  const cases: readonly (readonly [string, ModuleLimits, { memory?: number; table?: number }])[] = [
    [`(memory (export "memory") 1)`, { memorySize: 3 * PAGE }, { memory: 3 }],
    [`(memory (export "memory") 1)`, { memorySize: 3 * PAGE + 1 }, { memory: 3 }],
    [`(memory (export "memory") 1 10)`, { memorySize: 3 * PAGE }, { memory: 3 }],
    [`(memory (export "memory") 1 2)`, { memorySize: 3 * PAGE }, { memory: 2 }],
    [`(memory (export "memory") 1 2)`, {}, { memory: 2 }],
    [`(memory (export "memory") 0 200)`, { memorySize: 0 }, { memory: 0 }],
    [`(memory (export "memory") 1)`, { memorySize: 2 ** 40 }, { memory: 21 }],
    [`(memory 1) (memory (export "memory") 1)`, { memorySize: 2 * PAGE }, { memory: 2 }],
    [`(table (export "table") 2 funcref)`, { tableElements: 5 }, { table: 5 }],
    [`(table (export "table") 2 300 funcref)`, { tableElements: 5 }, { table: 5 }],
    [`(table (export "table") 2 3 funcref)`, { tableElements: 5 }, { table: 3 }],
    [
      `(type $t (func)) (func $f (type $t)) (table (export "table") 1 (ref $t) (ref.func $f)) (memory (export "memory") 1)
       (data (i32.const 0) "after it")`,
      { tableElements: 1, memorySize: 2 * PAGE },
      { table: 1, memory: 2 },
    ],
  ];
  for (const [text, limits, expected] of cases) {
    it(`${text} with ${JSON.stringify(limits)}`, async () => {
      assert.deepEqual(await grown(`(module ${text})`, limits), expected);
    });
  }

  const refused: readonly (readonly [string, ModuleLimits, string])[] = [
    ["(memory 18)", { memorySize: PAGE }, "memory minimum size of 18 pages exceeds memory limits"],
    ["(table 1 funcref)", { tableElements: 0 }, "table minimum size of 1 elements exceeds table limits"],
  ];
  for (const [text, limits, message] of refused) {
    it(`${text} with ${JSON.stringify(limits)}: ${message}`, async () => {
      const bytes = await binary(`(module ${text})`);
      assert.throws(() => limitModule(bytes, limits), new LimitError(message));
    });
  }

  it("leaves what is within the limits as it is", async () => {
    const bytes = await binary("(module (memory 1 2) (table 1 1 funcref) (func))");
    assert.equal(limitModule(bytes, { memorySize: 2 * PAGE, tableElements: 1 }), bytes);
  });
});
