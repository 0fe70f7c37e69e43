/** The sections of core modules: their ids, and their places. */
import { Reader } from "./reader.ts";

export const CUSTOM_SECTION = 0;
export const TYPE_SECTION = 1;
export const IMPORT_SECTION = 2;
export const FUNCTION_SECTION = 3;
export const TABLE_SECTION = 4;
export const MEMORY_SECTION = 5;
export const GLOBAL_SECTION = 6;
export const EXPORT_SECTION = 7;
export const START_SECTION = 8;
export const CODE_SECTION = 10;
export const TAG_SECTION = 13;

interface Section {
  readonly id: number;
  /** The offset of its id. */
  readonly start: number;
  readonly content: Reader;
}

/** Yields the sections of a core module in order. Each is read on demand. @throws ParseError */
export function sectionsOf(module: Uint8Array<ArrayBuffer>): Generator<Section> {
  return readSections(new Reader(module));
}

/** As `sectionsOf`, for a module inside a component: offsets in errors are offsets in the component. */
export function* readSections(module: Reader): Generator<Section> {
  module.skip(8);
  while (!module.atEnd) {
    const start = module.pos;
    const id = module.byte();
    yield { id, start, content: module.part(module.u32(), "core module section") };
  }
}
