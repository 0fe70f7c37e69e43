import { skipLocals } from "./instructions.ts";
import type { Reader } from "./reader.ts";

/** A function's body in the code section. */
export interface Body {
  /** The offset of its size field, and the offset of its end. */
  readonly start: number;
  /** Reads its instructions, up to the end of the body. */
  readonly code: Reader;
  /** The offset of its locals, where the bytes that the size field counts begin. */
  readonly locals: number;
}

/** Yields the bodies in the content of a code section, in order. */
export function* bodiesOf(section: Reader): Generator<Body> {
  for (let left = section.count("function body"); left > 0; left--) {
    const start = section.pos;
    const code = section.part(section.u32(), "function body");
    const locals = code.pos;
    skipLocals(code);
    yield { start, code, locals };
  }
}
