/** The custom sections of a module that hold DWARF (WebAssembly's tool conventions: one named as each section of DWARF). */
import { ParseError } from "../wasm/errors.ts";
import { CUSTOM_SECTION, sectionsOf } from "../wasm/sections.ts";

export interface DwarfSections {
  readonly info: Uint8Array;
  readonly abbrev: Uint8Array;
  readonly line: Uint8Array;
  readonly str: Uint8Array;
  readonly lineStr: Uint8Array;
  readonly strOffsets: Uint8Array;
  readonly addr: Uint8Array;
  readonly ranges: Uint8Array;
  readonly rnglists: Uint8Array;
}

const PREFIX = ".debug_";

/** Returns undefined if the module has none, or is not valid as far as its sections go. */
export function findDwarf(module: Uint8Array<ArrayBuffer>): DwarfSections | undefined {
  const found = new Map<string, Uint8Array>();
  try {
    for (const { id, content } of sectionsOf(module)) {
      if (id !== CUSTOM_SECTION) continue;
      const name = content.name();
      if (name.startsWith(PREFIX)) {
        found.set(name.slice(PREFIX.length), content.bytes.subarray(content.pos, content.end));
      }
    }
  } catch (error) {
    if (error instanceof ParseError) return undefined;
    throw error;
  }
  if (!found.has("info") || !found.has("abbrev")) return undefined;
  const section = (name: string) => found.get(name) ?? new Uint8Array();
  return {
    info: section("info"),
    abbrev: section("abbrev"),
    line: section("line"),
    str: section("str"),
    lineStr: section("line_str"),
    strOffsets: section("str_offsets"),
    addr: section("addr"),
    ranges: section("ranges"),
    rnglists: section("rnglists"),
  };
}
