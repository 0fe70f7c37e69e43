import { Trap } from "../../../core/wait/errors.ts";

/**
 * An argument that names an enumeration's case or a set of flags, of so many bits.
 *
 * @throws Trap as wasmtime's bindings, which convert arguments before the function sees them
 */
export function enumArgument(value: number, cases: number, bits: number, name: string): number {
  const number = unsigned(value, bits);
  if (number >= cases) throw new Trap(`Invalid enum value ${name}`);
  return number;
}

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
