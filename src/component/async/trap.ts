import { EngineTrap } from "../../wasm/engine-trap.ts";

/** Ends the guest for breaking a rule of the component model that wasmtime's engine enforces itself (exit status 134). */
export function trap(words: string): never {
  throw ruleBroken(words);
}

/** What ends it so, for who throws it later. */
export function ruleBroken(words: string): EngineTrap {
  return new EngineTrap(`wasm trap: ${words}`);
}
