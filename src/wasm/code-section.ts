import { skipLocals } from "./instructions.ts";
import { Reader } from "./reader.ts";

export const CODE_SECTION = 10;

/** A function's body in the code section. */
export interface Body {
  /** Where its size stands, and where it ends. */
  readonly start: number;
  /** At its first instruction, up to its end. */
  readonly code: Reader;
  /** Where what its size counts begins: its locals. */
  readonly locals: number;
}

/** The bodies in the content of a code section, in order. */
export function* bodiesOf(section: Reader): Generator<Body> {
  for (let left = section.count("function body"); left > 0; left--) {
    const start = section.pos;
    const code = section.part(section.u32(), "function body");
    const locals = code.pos;
    skipLocals(code);
    yield { start, code, locals };
  }
}

/** The sections of a core module: where each stands, and its content. */
export function* sectionsOf(
  bytes: Uint8Array<ArrayBuffer>,
): Generator<{ readonly id: number; readonly start: number; readonly content: Reader }> {
  const reader = new Reader(bytes);
  reader.skip(8);
  while (!reader.atEnd) {
    const start = reader.pos;
    const id = reader.byte();
    yield { id, start, content: reader.part(reader.u32(), "core module section") };
  }
}
