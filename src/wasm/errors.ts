/** Errors of binaries that cannot run. A guest that breaks a rule while it runs is ended by a `Trap` (core/wait/errors.ts). */

/** The bytes are not a valid component, nor what else was expected. The message ends in ` (at offset 0x2a)`, as wasmtime prints it. */
export class ParseError extends Error {
  override readonly name: string = "ParseError";
  /** What tells it from other errors. */
  readonly code = "parse-error";
  /** Bytes from the start of the input. */
  readonly offset: number;

  /** @param offset bytes */
  constructor(message: string, offset: number) {
    super(`${message} (at offset 0x${offset.toString(16)})`);
    this.offset = offset;
  }
}

/** What a component imports is not there, or is not what it asks for; or it does not export what it was asked for. */
export class LinkError extends Error {
  override readonly name = "LinkError";
  /** What tells it from other errors. */
  readonly code = "link-error";
  /** The name that could not be linked: `wasi:io/streams@0.2.6 . [method]input-stream.read`. */
  readonly path: string;
  /** wasmtime's words, outermost first. The message is all of them, with `: ` between. */
  readonly causes: readonly string[];

  /** @param causes Outermost first */
  constructor(path: string, causes: readonly string[]) {
    super(causes.length === 0 ? path : causes.join(": "));
    this.path = path;
    this.causes = causes;
  }
}

/** A component is made for another command: it exports that command's entry point, and not the one that was needed. */
export class OtherCommandError extends LinkError {
  /** The full name of the export that it has instead. */
  readonly exported: string;

  constructor(path: string, causes: readonly string[], exported: string) {
    super(path, causes);
    this.exported = exported;
  }
}

/** A guest asks for more than its limits allow: initial memory, number of instances. The message is wasmtime's. */
export class LimitError extends Error {
  override readonly name = "LimitError";
  /** What tells it from other errors. */
  readonly code = "limit";
}
