/**
 * The standalone binary. The texts of help and the version stand in it, as build.ts found them: a process that is asked for no more says
 * that, and loads nothing of the program, which takes 4 ms.
 */
import process from "node:process";
import { layout } from "../src/cli/output/layout.ts";
import { terminalWidth } from "../src/cli/output/terminal-width.ts";
import { isGone, write } from "../src/cli/output/write.ts";

/** Texts to be laid out, each with the command lines that are answered with it: their words with a NUL behind each. Put there by build.ts. */
declare const POLLUX_ANSWERS: readonly (readonly [text: string, lines: readonly string[]])[];

const asked = process.argv
  .slice(2)
  .map((word) => `${word}\0`)
  .join("");
const answer = POLLUX_ANSWERS.find(([, lines]) => lines.includes(asked))?.[0];
if (answer !== undefined) {
  const failure = write(1, answer.includes("\t") ? layout(answer, terminalWidth()) : answer);
  if (failure === undefined || isGone(failure)) process.exit(0);
}
await import("./bun-program.ts");
