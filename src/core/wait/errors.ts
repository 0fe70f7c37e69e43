import { Uncatchable } from "./uncatchable.ts";

/**
 * The ends of a guest, which it cannot catch. Three kinds never mix: an error code is a value (machine/error-code.ts); a guest that
 * breaks a rule is ended by a `Trap`, which the engine's own WebAssembly.RuntimeError becomes where it leaves the guest; an `Exit`
 * carries its code.
 */

/** A WebAssembly frame of the stack on which a guest was ended. */
export interface WasmFrame {
  /** Bytes from the start of the core module; undefined on JavaScriptCore, which does not tell it. */
  readonly offset: number | undefined;
  /** The name in the module's name section. */
  readonly module: string | undefined;
  /** The name in the module's name section, or `<wasm function N>`. */
  readonly func: string;
}

/**
 * A guest was ended, by the engine (`wasm trap: out of bounds memory access`) or because it has broken a rule of the component model or of
 * WASI. The message is wasmtime's. Nothing of the guest runs again.
 */
export class Trap extends Uncatchable {
  override readonly name = "Trap";
  /** The code of errors of this class. */
  readonly code = "trap";
  /** The phase in which the guest failed: start functions of core modules, `_initialize` of a core module, or the run itself. */
  stage: "start" | "initialize" | "call" = "call";
  /** Innermost first. Filled in where the guest's call ends. */
  frames: readonly WasmFrame[] = [];
}

/** A guest was ended from outside, in a wait. Thrown through its frames. */
export class Aborted extends Uncatchable {
  override readonly name = "Aborted";
  readonly reason: unknown;

  constructor(reason: unknown) {
    super("the guest was ended by its host");
    this.reason = reason;
  }
}

/**
 * A guest called `wasi:cli/exit`: thrown through its frames, and by the exported function that was called. `run` returns the code
 * instead.
 */
export class Exit extends Uncatchable {
  override readonly name = "Exit";
  /** The process's exit status, 0..255. */
  readonly code: number;

  constructor(code: number) {
    super(`exit ${code}`);
    this.code = code;
  }
}
