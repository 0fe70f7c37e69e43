/** What becomes of an error that nobody else is told of: one line, whatever it says. */
export function reportError(error: unknown): void {
  console.error(`pollux: ${String(error).replaceAll(/\s*\n\s*/g, ": ")}`);
}
