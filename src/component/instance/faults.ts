import { Trap } from "../../core/wait/errors.ts";
import { EngineTrap } from "../../wasm/engine-trap.ts";

/** The target of a pointer: one value, the elements of a list, or the bytes of a string. */
export type Pointee = "value" | "list" | "string";

export interface PointerFault {
  readonly pointee: Pointee;
  readonly align: number;
  /** Whether it is aligned, and whether its target lies in memory. At least one of the two is false. */
  readonly aligned: boolean;
  readonly inside: boolean;
  /** Whether the guest's `realloc` returned it. */
  readonly allocated: boolean;
}

/** Errors for invalid values of a guest, with wasmtime's messages. Those for a host differ from those between components. */
export interface Faults {
  pointer(fault: PointerFault): Trap;
  /** @param problem The details, for a host */
  encoding(encoding: "utf8" | "utf16", problem: string): Trap;
}

export const hostFaults: Faults = {
  pointer({ pointee, align, aligned, inside, allocated }) {
    if (allocated) return new Trap(`realloc return: ${aligned ? "beyond end of memory" : "result not aligned"}`);
    switch (pointee) {
      case "value":
        return new Trap(aligned ? "pointer out of bounds" : "pointer not aligned");
      case "list":
        return new Trap(inside ? "list pointer is not aligned" : "list pointer/length out of bounds of memory");
      case "string":
        return new Trap(
          aligned ? "string pointer/length out of bounds of memory" : `string pointer not aligned to ${align}`,
        );
    }
  },
  encoding: (_, problem) => new Trap(problem),
};

const outOfBounds: Readonly<Record<Pointee, string>> = {
  value: "out of bounds memory access",
  list: "list content out-of-bounds",
  string: "string content out-of-bounds",
};

export const componentFaults: Faults = {
  pointer: ({ pointee, aligned }) =>
    new EngineTrap(`wasm trap: ${aligned ? outOfBounds[pointee] : "unaligned pointer"}`),
  encoding: (encoding) => new Trap(`invalid ${encoding} encoding`),
};

/** Throws for an invalid char between components. */
export function invalidChar(): never {
  throw new EngineTrap("wasm trap: invalid `char` bit pattern");
}

/** Throws for an invalid discriminant between components. */
export function invalidDiscriminant(): never {
  throw new EngineTrap("wasm trap: invalid variant discriminant");
}
