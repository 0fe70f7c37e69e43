/** The DWARF reader, on modules of clang's in two versions and at two levels, and on what is broken. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type ModuleSymbols, readModuleSymbols } from "../../src/dwarf/module-symbols.ts";
import { CODE_SECTION, CUSTOM_SECTION, sectionsOf } from "../../src/wasm/sections.ts";

const guest = (name: string) => new Uint8Array(readFileSync(new URL(`../guests/traps/${name}.wasm`, import.meta.url)));

const file = "/guest/inlined.c";

/** `name file:line:column` of each frame at an offset in the module. */
function framesAt(module: Uint8Array<ArrayBuffer>, symbols: ModuleSymbols | undefined, offset: number): string[] {
  const frames = symbols?.framesAt(offset - codeStart(module)) ?? [];
  return frames.map(({ name, place }) => `${name} ${place?.file}:${place?.line}:${place?.column}`);
}

function codeStart(module: Uint8Array<ArrayBuffer>): number {
  for (const { id, content } of sectionsOf(module)) if (id === CODE_SECTION) return content.pos;
  throw new Error("no code");
}

describe("the DWARF of a module", () => {
  const inlined = [`divide ${file}:6:16`, `halves ${file}:10:15`, `work ${file}:17:12`];
  // As wasmtime 48.0.8 prints them.
  for (const [name, offset, frames, declared] of [
    ["inlined-O0-dwarf4", 0x114, inlined, `work ${file}:14`],
    ["inlined-O0-dwarf5", 0x114, inlined, `work ${file}:14`],
    ["inlined-O0-dwarf5", 0x67, [`start ${file}:22:13`], `start ${file}:21`],
    ["inlined-O2-dwarf4", 0xcf, inlined, `work ${file}:14`],
    ["inlined-O2-dwarf5", 0xcf, inlined, `work ${file}:14`],
  ] as const) {
    it(`${name} at 0x${offset.toString(16)}`, () => {
      const module = guest(name);
      const symbols = readModuleSymbols(module);
      assert.deepEqual(framesAt(module, symbols, offset), frames);
      const found = symbols?.functionAt(offset - codeStart(module));
      assert.equal(`${found?.name} ${found?.place?.file}:${found?.place?.line}`, declared);
    });
  }

  it("knows nothing of offsets where no code is", () => {
    const symbols = readModuleSymbols(guest("inlined-O0-dwarf5"));
    for (const offset of [-1, 0, 1, 0xffff, 2 ** 32, Number.NaN]) {
      assert.deepEqual([symbols?.framesAt(offset), symbols?.functionAt(offset)], [[], undefined]);
    }
  });

  for (const name of ["names", "stripped"]) {
    it(`${name} has none`, () => assert.equal(readModuleSymbols(guest(name)), undefined));
  }

  it("of bytes that are no module there is none", () => {
    assert.equal(readModuleSymbols(new Uint8Array(7)), undefined);
    assert.equal(readModuleSymbols(guest("inlined-O0-dwarf5").subarray(0, 1000)), undefined);
  });

  for (const name of ["inlined-O0-dwarf4", "inlined-O0-dwarf5", "inlined-O2-dwarf4", "inlined-O2-dwarf5"]) {
    it(`${name}, broken in any way, is read as far as it goes`, () => {
      const module = guest(name);
      const start = codeStart(module);
      const places = dwarfPlaces(module);
      const change = fc.tuple(fc.integer({ min: 0, max: places.length - 1 }), fc.integer({ min: 0, max: 255 }));
      fc.assert(
        fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
          const broken = module.slice();
          for (const [at, byte] of changes) broken[places[at]!] = byte;
          const symbols = readModuleSymbols(broken);
          for (let offset = 0; offset < 0x200; offset += 7) {
            symbols?.framesAt(offset - start);
            symbols?.functionAt(offset - start);
          }
        }),
        { numRuns: 2000 },
      );
    });
  }
});

/** The offsets of all bytes of sections of DWARF. */
function dwarfPlaces(module: Uint8Array<ArrayBuffer>): number[] {
  const places: number[] = [];
  for (const { id, content } of sectionsOf(module)) {
    if (id !== CUSTOM_SECTION || !content.name().startsWith(".debug_")) continue;
    for (let at = content.pos; at < content.end; at++) places.push(at);
  }
  return places;
}
