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

/** What a small module asks for is bounded by more than its size: parts of DWARF share others. */
describe("DWARF that asks for much", () => {
  /** A LEB128 that has no end to speak of: as a number it would be NaN. */
  const endless = [...Array.from({ length: 160 }, () => 0x80), 0];

  it("has a number that is too long in an entry", () => {
    const entries = [2, ...endless, 0, 0, 0, 0];
    const symbols = symbolsOf({ abbrev: [...root, ...[2, 0x2e, 0, 2, 9, 0, 0], 0], info: unit(16, 0x1000, entries) });
    assert.deepEqual(symbols?.framesAt(32), []);
  });

  it("has a number that is too long in a line table", () => {
    const line = lineTable([0, ...endless, 9, 1, 1, 1]);
    const symbols = symbolsOf({ abbrev: [...rootWithLines, 0], info: unit(16, 0x1000, u32(0)), line });
    assert.deepEqual(symbols?.framesAt(32), []);
  });

  it("has calls without end at one place, each with a long name", () => {
    // Implicit constants: the code of a call is that of its function.
    const calls = [
      ...[2, 0x2e, 1, 0x11, 1, 0x12, 6, 0, 0],
      ...[3, 0x1d, 0, 3, 0x0e, 0x11, 0x21, 16, 0x12, 0x21, 0x80, 0x20, 0, 0],
    ];
    const entries = [2, ...u32(16), ...u32(0x1000), ...Array.from({ length: 10_000 }, () => [3, ...u32(0)]).flat(), 0];
    const symbols = symbolsOf({
      abbrev: [...root, ...calls, 0],
      info: unit(16, 0x1000, entries),
      str: Array(70_000).fill(97),
    });
    const frames = symbols?.framesAt(32) ?? [];
    assert.equal(frames.length, 256);
    assert.ok(frames.reduce((total, { name = "" }) => total + name.length, 0) <= 1_000_000);
  });

  it("has units that share a line table of many rows, which is read once: more would not be kept", () => {
    const first = 0x7000_0000;
    // Each row has the next address and the same line.
    const program = [...[0, 5, 2], ...u32(first), ...Array.from({ length: 300_000 }, () => 32), 0, 1, 1];
    const starts = Array.from({ length: 50 }, (_, i) => first + 16 * (i + 1));
    const info = starts.flatMap((start) => unit(start, 16, u32(0)));
    const symbols = symbolsOf({ abbrev: [...rootWithLines, 0], info, line: lineTable(program) });
    const place = { file: "a", line: 1, column: 0 };
    for (const start of starts) assert.deepEqual(symbols?.framesAt(start), [{ name: undefined, place }]);
  });
});

// Abbreviation 1: a unit with its code's start and length; that with a line table.
const root = [1, 0x11, 1, 0x11, 1, 0x12, 6, 0, 0];
const rootWithLines = [1, 0x11, 0, 0x11, 1, 0x12, 6, 0x10, 0x17, 0, 0];

function u32(value: number): number[] {
  return [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24];
}

/** A unit of DWARF 4, whose first entry has abbreviation 1. */
function unit(start: number, length: number, rest: readonly number[]): number[] {
  const content = [4, 0, ...u32(0), 4, 1, ...u32(start), ...u32(length), ...rest];
  return [...u32(content.length), ...content];
}

/** A line table of version 4 with one file, `a`. */
function lineTable(program: readonly number[]): number[] {
  const header = [...[1, 1, 1, 0xfb, 14, 13], ...[0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1], 0, ...[97, 0, 0, 0, 0], 0];
  const content = [4, 0, ...u32(header.length), ...header, ...program];
  return [...u32(content.length), ...content];
}

/** Reads a module that has nothing but sections of DWARF. */
function symbolsOf(sections: Readonly<Record<string, readonly number[]>>): ModuleSymbols | undefined {
  const module = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  for (const [name, bytes] of Object.entries(sections)) {
    const named = new TextEncoder().encode(`.debug_${name}`);
    const size = 1 + named.length + bytes.length;
    // A LEB128 of four bytes, as linkers leave room for.
    const length = [(size & 0x7f) | 0x80, ((size >> 7) & 0x7f) | 0x80, ((size >> 14) & 0x7f) | 0x80, size >> 21];
    module.push(CUSTOM_SECTION, ...length, named.length, ...named);
    for (const byte of bytes) module.push(byte);
  }
  return readModuleSymbols(Uint8Array.from(module));
}

/** The offsets of all bytes of sections of DWARF. */
function dwarfPlaces(module: Uint8Array<ArrayBuffer>): number[] {
  const places: number[] = [];
  for (const { id, content } of sectionsOf(module)) {
    if (id !== CUSTOM_SECTION || !content.name().startsWith(".debug_")) continue;
    for (let at = content.pos; at < content.end; at++) places.push(at);
  }
  return places;
}
