import { skipLocals } from "./instructions.ts";
import type { Reader } from "./reader.ts";

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
