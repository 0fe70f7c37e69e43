import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { parseComponent } from "../../../src/component/binary/parse.ts";
import { CompiledComponent, coreModules } from "../../../src/component/link/compiled.ts";
import { instantiateComponent } from "../../../src/component/link/instantiate.ts";
import { Trap } from "../../../src/core/wait/errors.ts";
import { LinkError, ParseError } from "../../../src/wasm/errors.ts";

const guests = new URL("../../guests/", import.meta.url);
const rounds = 500;

/** mulberry32: the same numbers on every machine */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** The offsets that belong to the component itself: those of its core modules' code are the engine's business. */
function componentOffsets(bytes: Uint8Array<ArrayBuffer>): number[] {
  const modules = [...coreModules(parseComponent(bytes))];
  const offsets: number[] = [];
  for (let i = 0; i < bytes.length; i++) {
    if (!modules.some(({ offset, size }) => i >= offset && i < offset + size)) offsets.push(i);
  }
  return offsets;
}

const called = new Error("a host function was called");

for (const name of ["hello.wasm", "hello-libc.wasm", "tcpecho.wasm"]) {
  describe(`${name} with bytes changed`, () => {
    it(`${rounds} times: only clean errors`, { timeout: 300_000 }, () => {
      // a core module in its place is unchanged: compiled once
      const compiled = new Map<string, WebAssembly.Module>();
      const compile = (bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module => {
        const key = `${bytes.byteOffset} ${bytes.length}`;
        const module = compiled.get(key) ?? new WebAssembly.Module(bytes);
        compiled.set(key, module);
        return module;
      };
      const original = new Uint8Array(readFileSync(new URL(name, guests)));
      const offsets = componentOffsets(original);
      const random = generator(20260101);
      let linked = 0;
      for (let round = 0; round < rounds; round++) {
        const bytes = original.slice();
        for (let changes = 1 + random(3); changes > 0; changes--) {
          const offset = offsets[random(offsets.length)]!;
          bytes[offset] = random(4) === 0 ? random(256) : bytes[offset]! ^ (1 << random(8));
        }
        try {
          const component = parseComponent(bytes);
          instantiateComponent(
            new CompiledComponent(component, { compile }),
            {},
            {
              fallback: () => () => {
                throw called;
              },
            },
          );
          linked++;
        } catch (error) {
          const clean =
            error instanceof ParseError ||
            error instanceof LinkError ||
            error instanceof Trap ||
            error instanceof WebAssembly.RuntimeError ||
            error === called;
          assert.ok(clean, `round ${round}: ${error instanceof Error ? error.stack : String(error)}`);
        }
      }
      assert.ok(linked > 0, "some changes do no harm");
    });
  });
}
