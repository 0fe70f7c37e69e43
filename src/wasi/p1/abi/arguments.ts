import { Trap } from "../../../core/wait/errors.ts";

/**
 * Returns an argument that is the case of an enumeration, as an unsigned number.
 *
 * @param cases how many cases the enumeration has
 * @param bits the width of its type
 * @throws Trap for a case that does not exist, as wasmtime's bindings do before the function sees its arguments
 */
export function enumArgument(value: number, cases: number, bits: number, name: string): number {
  const number = unsigned(value, bits);
  if (number >= cases) throw new Trap(`Invalid enum value ${name}`);
  return number;
}

/** As `enumArgument`, for a set of flags: those outside `mask` do not exist. */
export function flagsArgument(value: number, mask: number, bits: number, name: string): number {
  const set = unsigned(value, bits);
  if ((set & ~mask) !== 0) throw new Trap(`Invalid flag value ${name}`);
  return set;
}

/** @param value as core wasm passes it: a signed i32, of whatever width its type is */
function unsigned(value: number, bits: number): number {
  const number = value >>> 0;
  if (number >= 2 ** bits) throw new Trap("out of range integral type conversion attempted");
  return number;
}
