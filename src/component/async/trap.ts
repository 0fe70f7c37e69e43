import { EngineTrap } from "../../wasm/engine-trap.ts";

/** Ends the guest for breaking a rule of the component model that wasmtime's engine enforces itself (exit status 134). */
export function trap(words: string): never {
  throw new EngineTrap(`wasm trap: ${words}`);
}
