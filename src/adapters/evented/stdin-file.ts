import process from "node:process";

const fs = () => process.getBuiltinModule("node:fs");

/** Whether the process's stdin is one of which a read never waits: a file, or a directory, which refuses. */
export function isStdinFile(): boolean {
  const stat = fs().fstatSync(0);
  return stat.isFile() || stat.isDirectory() || stat.isBlockDevice();
}

/**
 * Reads no more than is asked for: whoever has the file after the guest, another process perhaps, reads on behind that.
 *
 * @throws what read(2) fails of, with its `code`
 */
export function readStdinFile(buffer: Uint8Array, max: number): number {
  return fs().readSync(0, buffer, 0, Math.min(max, buffer.length), null);
}
