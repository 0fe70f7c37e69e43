/**
 * The ends of a guest. Three kinds that never mix: an error code is a value (adapters/contract.ts); a guest that breaks a rule
 * is ended by a `Trap` of ours or by the engine's own WebAssembly.RuntimeError; an `Exit` carries its code.
 */

/** A rule of the Component Model or of WASI was broken by the guest: a host-raised error, with wasmtime's message. Exit status 1. */
export class Trap extends Error {
  override readonly name = "Trap";
}

/** `wasi:cli/exit` was called. Thrown through the guest's frames. */
export class Exit extends Error {
  override readonly name = "Exit";
  /** The process's exit status, 0..255. */
  readonly code: number;

  constructor(code: number) {
    super(`exit ${code}`);
    this.code = code;
  }
}
