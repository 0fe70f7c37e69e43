/** What a core module's code does to what its instances keep, beside loads and stores. */
import { bodiesOf } from "./code-section.ts";
import { MEMORY_GROW, MEMORY_SIZE, prefixed, readInstruction } from "./instructions.ts";
import { Reader } from "./reader.ts";
import { CODE_SECTION, sectionsOf } from "./sections.ts";

export interface CodeState {
  /** Whether it changes state that cannot be exported: tables, segments, objects of the engine's heap. */
  readonly hidden: boolean;
  /** The functions that grow a memory or ask for its size. */
  readonly growing: readonly GrowingBody[];
}

/** A function's body, by offsets in the module. */
export interface GrowingBody {
  /** Where its size stands, where what that counts begins, and its end. */
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

/** What works on objects of the engine's heap. */
const isObjects = (instruction: number) => instruction >= prefixed(0xfb, 0) && instruction < prefixed(0xfc, 0);

/** How much code is looked through at a time, bytes. */
const PART = 65_536;

/** Looks through a module's code, a part at each step, as far as that is of use. @throws ParseError */
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
        if (HIDDEN.has(instruction) || isObjects(instruction)) return { hidden: true, growing: [] };
        if (instruction === MEMORY_GROW || instruction === MEMORY_SIZE)
          places.push({ start: at, end: code.pos, grows: instruction === MEMORY_GROW });
      }
      if (places.length > 0) growing.push({ start, locals, end: code.end, places });
      if (code.pos < end) continue;
      end = code.pos + PART;
      yield;
    }
  }
  return { hidden: false, growing };
}
