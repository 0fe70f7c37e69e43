import { ParseError } from "../wasm/errors.ts";
import { ErrorContext } from "./error-context.ts";

/** The bytes are a core WebAssembly module and not a component. */
export class CoreModuleError extends ParseError {
  override readonly name = "CoreModuleError";
}

/** Thrown by an exported function whose `result` is an error. A program's own functions throw the value itself, or this. */
export class ComponentError extends Error {
  override readonly name = "ComponentError";
  /** The code of errors of this class. */
  readonly code = "component-error";
  /** The value of the error case; undefined if it has none. */
  readonly payload: unknown;

  /** @param payload The value of the error case */
  constructor(payload: unknown) {
    super(messageOf(payload));
    this.payload = payload;
  }
}

function messageOf(payload: unknown): string {
  if (typeof payload === "string") return payload;
  if (payload instanceof ErrorContext) return payload.debugMessage;
  const tag = typeof payload === "object" && payload !== null && "tag" in payload ? payload.tag : payload;
  return `${String(tag)} (see error.payload)`;
}
