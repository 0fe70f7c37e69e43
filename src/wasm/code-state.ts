/** The effects of a core module's code on the state of its instances, apart from loads and stores. */
import { bodiesOf } from "./code-section.ts";
import { MEMORY_GROW, MEMORY_SIZE, prefixed, readInstruction } from "./instructions.ts";
import { Reader } from "./reader.ts";
import { CODE_SECTION, sectionsOf } from "./sections.ts";

export interface CodeState {
  /** Whether the code changes state that cannot be exported: tables, segments, objects of the engine's heap. */
  readonly changesHiddenState: boolean;
  /** The functions that contain `memory.grow` or `memory.size`. */
  readonly growing: readonly GrowingBody[];
}

/** A function's body, by offsets in the module. */
export interface GrowingBody {
  /** The offsets of its size field, of the bytes that this field counts, and of its end. */
  readonly start: number;
  readonly locals: number;
  readonly end: number;
  readonly places: readonly GrowingPlace[];
}

/** A `memory.grow` or `memory.size`. */
export interface GrowingPlace {
  readonly start: number;
  readonly end: number;
  readonly grows: boolean;
}

/** table.set; table.init, table.copy, table.grow, table.fill; data.drop and elem.drop. */
const HIDDEN: ReadonlySet<number> = new Set([0x26, ...[9, 12, 13, 14, 15, 17].map((number) => prefixed(0xfc, number))]);

/** Whether the instruction works on objects of the engine's heap. */
const isObjects = (instruction: number) => instruction >= prefixed(0xfb, 0) && instruction < prefixed(0xfc, 0);

/** The amount of code that one step looks through, bytes. */
const PART = 65_536;

/** Looks through a module's code, one part per step, and stops early once the answer cannot change. @throws ParseError */
export function* readCodeState(bytes: Uint8Array<ArrayBuffer>): Generator<void, CodeState> {
  const growing: GrowingBody[] = [];
  for (const { id, content } of sectionsOf(bytes)) {
    if (id !== CODE_SECTION) continue;
    let end = content.pos + PART;
    for (const { start, code, locals } of bodiesOf(new Reader(bytes, content.pos, content.end))) {
      const places: GrowingPlace[] = [];
      while (!code.atEnd) {
        const at = code.pos;
        const instruction = readInstruction(code);
        if (HIDDEN.has(instruction) || isObjects(instruction)) return { changesHiddenState: true, growing: [] };
        if (instruction === MEMORY_GROW || instruction === MEMORY_SIZE)
          places.push({ start: at, end: code.pos, grows: instruction === MEMORY_GROW });
      }
      if (places.length > 0) growing.push({ start, locals, end: code.end, places });
      if (code.pos < end) continue;
      end = code.pos + PART;
      yield;
    }
  }
  return { changesHiddenState: false, growing };
}
