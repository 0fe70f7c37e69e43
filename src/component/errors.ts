import { ParseError } from "../wasm/errors.ts";

/** The bytes are a core WebAssembly module, which is no component. */
export class CoreModuleError extends ParseError {
  override readonly name = "CoreModuleError";
}

/** Thrown by an exported function whose `result` is an error. */
export class ComponentError extends Error {
  override readonly name = "ComponentError";
  readonly code = "component-error";
  /** The value of the error case; undefined if it has none. */
  readonly payload: unknown;

  constructor(payload: unknown) {
    super(typeof payload === "string" ? payload : `${describe(payload)} (see error.payload)`);
    this.payload = payload;
  }
}

function describe(payload: unknown): string {
  const tag = typeof payload === "object" && payload !== null && "tag" in payload ? payload.tag : payload;
  return String(tag);
}
