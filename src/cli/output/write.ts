import { nodeFs } from "./node-fs.ts";
import { codeOf } from "./os-error.ts";

/** Writes the text as it is, whole. Returns why not all of it could be written. */
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

/** Whether the reader is gone, or the stream was never open. */
export function isGone(failure: Error): boolean {
  return ["EPIPE", "EBADF", "EIO"].includes(codeOf(failure) ?? "");
}
