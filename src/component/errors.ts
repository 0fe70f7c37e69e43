/**
 * What can go wrong before a guest runs, and what an exported function throws. A guest that breaks a rule while it runs is
 * ended by `Trap` (core/errors.ts).
 */

/** The bytes are not a valid component. The message ends in ` (at offset 0x2a)`, as wasmtime prints it. */
export class ParseError extends Error {
  override readonly name: string = "ParseError";
  readonly code = "parse-error";
  /** Where in the input, in bytes from its start. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(`${message} (at offset 0x${offset.toString(16)})`);
    this.offset = offset;
  }
}

/** The bytes are a core WebAssembly module, which is no component. */
export class CoreModuleError extends ParseError {
  override readonly name = "CoreModuleError";
}

/** What a component imports is not there, or is not what it asks for. */
export class LinkError extends Error {
  override readonly name = "LinkError";
  readonly code = "link-error";
  /** The name that failed: `wasi:io/streams@0.2.6 . [method]input-stream.read`. */
  readonly path: string;
  /** wasmtime's words, outermost first; the message is the first of them. */
  readonly causes: readonly string[];

  constructor(path: string, causes: readonly string[]) {
    super(causes[0] ?? path);
    this.path = path;
    this.causes = causes;
  }
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
