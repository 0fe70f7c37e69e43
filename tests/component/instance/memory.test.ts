import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import { HandleBudget } from "../../../src/component/instance/handles.ts";
import { GuestMemory } from "../../../src/component/instance/memory.ts";
import { InstanceState } from "../../../src/component/instance/state.ts";

const SIZE = 65_536;

function memoryOf(memory: WebAssembly.Memory): GuestMemory {
  const state = new InstanceState(undefined, new HandleBudget(Infinity, Infinity), false);
  return new GuestMemory(memory, undefined, state, Infinity);
}

/** A memory of bytes of which none is its neighbour's. */
function filled(by: number): WebAssembly.Memory {
  const memory = new WebAssembly.Memory({ initial: 1 });
  new Uint8Array(memory.buffer).forEach((_, i, bytes) => {
    bytes[i] = i * by;
  });
  return memory;
}

describe("a copy from memory to memory", () => {
  const places = [0, 1, 3, 4, 1024, 1026];
  for (const length of [0, 1, 3, 4, 7, 64, 255, 256, 257, 4096]) {
    it(`moves ${length} bytes, and nothing else`, () => {
      for (const start of places) {
        for (const ptr of [...places, SIZE - length]) {
          for (const isSame of [false, true]) {
            const target = filled(7);
            const source = isSame ? target : filled(3);
            const expected = new Uint8Array(target.buffer.slice(0));
            expected.set(new Uint8Array(source.buffer.slice(start, start + length)), ptr);
            memoryOf(target).copy(ptr, memoryOf(source), start, length);
            assert.equal(Buffer.compare(new Uint8Array(target.buffer), expected), 0, `${start} to ${ptr}`);
          }
        }
      }
    });
  }
});
