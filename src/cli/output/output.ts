/** Pollux's own text to the standard streams: at once, whole, and quiet when nobody reads any more. */

import { printableLines } from "../../wasm/printable.ts";
import { Failure } from "./failure.ts";
import { osError } from "./os-error.ts";
import { isGone, write } from "./write.ts";

/** @throws Failure when it cannot be written */
export function writeOut(text: string): void {
  const failure = write(1, printableLines(text));
  if (failure !== undefined && !isGone(failure))
    throw new Failure("failed to write to standard output", [osError(failure)]);
}

/**
 * A failure to write here cannot be told of either: the run goes on, to its own exit status.
 *
 * @param colour Adds what a terminal is to obey.
 */
export function writeErr(text: string, colour = (plain: string) => plain): void {
  write(2, colour(printableLines(text)));
}
