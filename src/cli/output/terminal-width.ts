import process from "node:process";

/** Where nobody says how wide a line may be, columns. */
const USUAL = 100;

/** More is read with difficulty, less has no room for a description. */
const MOST = 120;
const LEAST = 40;

/** How many columns a text on stdout may have. */
export function terminalWidth(): number {
  const { isTTY, columns } = process.stdout;
  return isTTY && columns > 0 ? Math.min(Math.max(columns, LEAST), MOST) : USUAL;
}
