/** An error with its causes, as wasmtime prints one: what failed, then why, outermost first. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly causes: readonly string[];
  /** Hints. */
  readonly hint: string | undefined;

  constructor(message: string, causes: readonly string[] = [], hint?: string) {
    super(message);
    this.causes = causes;
    this.hint = hint;
  }
}

/**
 * wasmtime's text of an error chain. One cause stands by itself, two or more are numbered; a blank line follows.
 *
 *     Error: failed to open wasm module "nope.wasm"
 *
 *     Caused by:
 *         No such file or directory (os error 2)
 */
export function formatChain(message: string, causes: readonly string[], head = "Error"): string {
  if (causes.length === 0) return `${head}: ${message}\n`;
  const lines = causes.map((cause, i) => `    ${causes.length > 1 ? `${i}: ` : ""}${cause}\n`);
  return `${head}: ${message}\n\nCaused by:\n${lines.join("")}\n`;
}

/** How every failure of the guest itself begins. */
export function mainFailure(file: string): string {
  return `failed to run main module \`${file}\``;
}

/** A string between quotes, as Rust's `{:?}` writes it. */
export function quoted(text: string): string {
  const escapes: Record<string, string> = {
    '"': '\\"',
    "\\": "\\\\",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\0": "\\0",
  };
  const inside = text.replace(/["\\\p{Cc}]/gu, (c) => escapes[c] ?? `\\u{${c.codePointAt(0)!.toString(16)}}`);
  return `"${inside}"`;
}
