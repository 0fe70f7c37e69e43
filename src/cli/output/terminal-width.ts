import process from "node:process";

/** Where nobody says how wide a line may be, columns. */
const USUAL = 100;

/** More is read with difficulty, less has no room for a description. */
const MOST = 120;
const LEAST = 40;

/** How many columns a text on stdout may have. */
export function terminalWidth(): number {
  // A stream of stdout takes 1 ms to make.
  if (!process.getBuiltinModule("node:tty").isatty(1)) return USUAL;
  const { columns } = process.stdout;
  return columns > 0 ? Math.min(Math.max(columns, LEAST), MOST) : USUAL;
}
