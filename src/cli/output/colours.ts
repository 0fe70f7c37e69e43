/** Colours of what Pollux says on stderr: of its labels alone. Loaded by what says something. */
import process from "node:process";
import type { Environment } from "./environment.ts";

/** As clap has them, which prints wasmtime's errors of usage. Select Graphic Rendition (ECMA-48). */
const styles: readonly (readonly [label: string, parameters: string])[] = [
  ["[eE]rror:", "1;31"],
  [" {2}tip:|hint:", "32"],
  ["warning:|pollux: warn:", "33"],
  ["Usage:", "1;4"],
  ["pollux: (?:info|debug|trace):", "36"],
];

/** The text with its labels in colour, on a terminal that is to have any (no-color.org; bixense.com/clicolors). */
export function coloured(text: string, environment: Environment): string {
  return wanted(environment) ? inColour(text) : text;
}

export function inColour(text: string): string {
  return styles.reduce(
    (before, [label, parameters]) => before.replace(new RegExp(`^(?:${label})`, "gm"), `\x1b[${parameters}m$&\x1b[0m`),
    text,
  );
}

function wanted(environment: Environment): boolean {
  if (!process.getBuiltinModule("node:tty").isatty(2)) return false;
  return !environment("NO_COLOR") && environment("TERM") !== "dumb" && environment("CLICOLOR") !== "0";
}
