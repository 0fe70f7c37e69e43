import process from "node:process";

const fs = () => process.getBuiltinModule("node:fs");

/** Returns whether a read of the process's stdin never waits: it is a file, or a directory, whose reads fail. */
export function isStdinFile(): boolean {
  const stat = fs().fstatSync(0);
  return stat.isFile() || stat.isDirectory() || stat.isBlockDevice();
}

/**
 * Reads no more than `max` bytes: another process may continue reading the file after the guest.
 *
 * @throws read(2)'s failure, with its `code`
 */
export function readStdinFile(buffer: Uint8Array, max: number): number {
  return fs().readSync(0, buffer, 0, Math.min(max, buffer.length), null);
}
