import { alignTo, flatOf, sequence } from "../types/layout.ts";
import type { ValType } from "../types/types.ts";
import type { Emitter } from "./emitter.ts";
import { type Flat, liftFlat, load } from "./lift-code.ts";
import { lowerFlat, store } from "./lower-code.ts";

/** The core parameters of a function that lifts values. */
export interface CoreParams {
  readonly flat: Flat[];
  /** Whether they are one pointer to where the values are. */
  readonly spilled: boolean;
}

/** Those that values of these types come in: a pointer, when they flatten to more than `most` core values. */
export function coreParams(types: readonly ValType[], most: number): CoreParams {
  const flat = flatOf(types, most);
  return {
    flat: (flat ?? (["i32"] as const)).map((type, i) => ({ name: `p${i}`, type })),
    spilled: flat === undefined,
  };
}

/** Code that lifts values of these types out of core parameters; returns what stands for each. It needs `V`. */
export function liftArguments(e: Emitter, types: readonly ValType[], { flat, spilled }: CoreParams): string[] {
  // an unboxed function's bytes are three arguments, so no value
  const kept = (type: ValType, lifted: string) =>
    e.shape.unboxed && type.kind === "list" ? lifted : e.temporary(lifted);
  if (!spilled) return types.map((type) => kept(type, liftFlat(e, type, flat)));
  const { size, align } = sequence(types);
  const base = e.temporary(`M.check(p0, ${size}, ${align})`);
  let next = 0;
  return types.map((type) => {
    const place = alignTo(next, type.info.align);
    next = place + type.info.size;
    return kept(type, load(e, type, base, place));
  });
}

/**
 * Code that lowers what comes as `a0`, `a1` ..., of these types, into the instance that is called; returns the core arguments. It
 * declares `V`.
 */
export function lowerArguments(e: Emitter, types: readonly ValType[]): string[] {
  const { flat, size, align } = sequence(types);
  if (e.shape.hasMemory) e.line("let V = M.view();");
  if (flat !== undefined) {
    return types.flatMap((type, i) => lowerFlat(e, type, `a${i}`)).map((item) => e.temporary(item.name));
  }
  const base = e.temporary(`M.allocate(${size}, ${align})`);
  e.line("V = M.view();");
  let next = 0;
  types.forEach((type, i) => {
    const place = alignTo(next, type.info.align);
    next = place + type.info.size;
    store(e, type, `a${i}`, base, place);
  });
  return [base];
}
