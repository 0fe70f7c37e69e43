import { EngineTrap } from "../../wasm/engine-trap.ts";

/** Ends the guest for breaking a rule of the component model that wasmtime's engine enforces itself (exit status 134). */
export function trap(words: string): never {
  throw ruleBroken(words);
}

/** Returns the error of `trap`, to be thrown later. */
export function ruleBroken(words: string): EngineTrap {
  return new EngineTrap(`wasm trap: ${words}`);
}
