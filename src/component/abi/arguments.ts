import { alignTo, flatOf, sequence } from "../types/layout.ts";
import type { ValType } from "../types/types.ts";
import type { Emitter } from "./emitter.ts";
import { type Flat, liftFlat, load } from "./lift-code.ts";
import { lowerFlat, store } from "./lower-code.ts";

/** The core parameters of a function that lifts its arguments. */
export interface CoreParams {
  readonly flat: Flat[];
  /** Whether there is one parameter, a pointer to the values in memory. */
  readonly spilled: boolean;
}

/** Returns the core parameters for values of these types: one pointer if they flatten to more than `most` core values. */
export function coreParams(types: readonly ValType[], most: number): CoreParams {
  const flat = flatOf(types, most);
  return {
    flat: (flat ?? (["i32"] as const)).map((type, i) => ({ name: `p${i}`, type })),
    spilled: flat === undefined,
  };
}

/** Writes code that lifts values of these types from core parameters. Returns an expression for each. The code needs `V`. */
export function liftArguments(e: Emitter, types: readonly ValType[], { flat, spilled }: CoreParams): string[] {
  // The bytes of an unboxed function are three arguments, so they cannot be one temporary.
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
 * Writes code that lowers `a0`, `a1` ..., which have these types, into the instance that is called. Returns the core arguments. The
 * code declares `V`.
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
