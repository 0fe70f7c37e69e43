/** Pollux's own text to the standard streams: at once, whole, and quiet when nobody reads any more. */
import { nodeFs } from "./node-fs.ts";

export function writeOut(text: string): void {
  write(1, text);
}

export function writeErr(text: string): void {
  write(2, text);
}

function write(fd: number, text: string): void {
  let bytes = new TextEncoder().encode(text);
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(nodeFs().writeSync(fd, bytes));
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      // A full pipe that another process made non-blocking: it is read sooner or later.
      if (code === "EAGAIN") continue;
      // The reader is gone, or the stream was never open: there is nobody left to tell.
      if (code === "EPIPE" || code === "EBADF" || code === "EIO") return;
      throw error;
    }
  }
}
