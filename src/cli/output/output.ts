/** Pollux's own text to the standard streams: at once, whole, and quiet when nobody reads any more. */

import { printableLines } from "../../wasm/printable.ts";
import { Failure } from "./failure.ts";
import { nodeFs } from "./node-fs.ts";
import { codeOf, osError } from "./os-error.ts";

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

/** The text as it is. Answers why not all of it could be written. */
export function write(fd: number, text: string): Error | undefined {
  let bytes = new TextEncoder().encode(text);
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(nodeFs().writeSync(fd, bytes));
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      // A full pipe that another process made non-blocking: it is read sooner or later.
      if (codeOf(error) !== "EAGAIN") return error;
    }
  }
  return undefined;
}

/** The reader is gone, or the stream was never open. */
function isGone(failure: Error): boolean {
  return ["EPIPE", "EBADF", "EIO"].includes(codeOf(failure) ?? "");
}
