/** Errors of binaries that cannot run. A guest that breaks a rule while it runs is ended by a `Trap` (core/wait/errors.ts). */

/** The bytes are not a valid component, nor what else was expected. The message ends in ` (at offset 0x2a)`, as wasmtime prints it. */
export class ParseError extends Error {
  override readonly name: string = "ParseError";
  /** The code of errors of this class. */
  readonly code = "parse-error";
  /** Bytes from the start of the input. */
  readonly offset: number;

  /** @param offset bytes */
  constructor(message: string, offset: number) {
    super(`${message} (at offset 0x${offset.toString(16)})`);
    this.offset = offset;
  }
}

/** An import of a component is missing, or is not of its type; or an export that was asked for is missing. */
export class LinkError extends Error {
  override readonly name = "LinkError";
  /** The code of errors of this class. */
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
  /** The code of errors of this class. */
  readonly code = "limit";
}
