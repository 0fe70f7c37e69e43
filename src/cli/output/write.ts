import { nodeFs } from "./node-fs.ts";
import { codeOf } from "./os-error.ts";

/**
 * Writes the text as it is, whole. Returns why not all of it could be written.
 *
 * @param position In a regular file, bytes; undefined: where the last write ended
 */
export function write(fd: number, text: string, position?: number): Error | undefined {
  const bytes = new TextEncoder().encode(text);
  for (let done = 0; done < bytes.length; ) {
    const at = position === undefined ? null : position + done;
    try {
      done += nodeFs().writeSync(fd, bytes, done, bytes.length - done, at);
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
