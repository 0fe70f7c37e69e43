import { BASIC_STATS, decodeAccess, decodeStat, STATX } from "../libc/linux-stat.ts";
import type { Functions, linuxPrivateFileSymbols } from "../libc/symbols.ts";

// <fcntl.h>
const O_RDONLY = 0;
const O_NONBLOCK = 0o4000;
const O_CLOEXEC = 0o2000000;
const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_EMPTY_PATH = 0x1000;

export interface PrivateBytes {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** When it was last written, ms since 1970. */
  readonly modified: number;
}

/**
 * Reads a file that belongs to `user`, that no one else may write, and that has one name only, from a directory that
 * belongs to the user and that no one else may enter; neither may be a symbolic link. Returns undefined if any of that
 * fails, the file does not exist, or has more than `most` bytes.
 */
export function readPrivateFile(
  libc: Functions<typeof linuxPrivateFileSymbols>,
  arch: "x64" | "arm64",
  directory: string,
  name: string,
  user: number,
  most: number,
): PrivateBytes | undefined {
  const stat = new DataView(new ArrayBuffer(STATX));
  const statBytes = new Uint8Array(stat.buffer);
  const found = (fd: number, path: string, flags: number, others: number) => {
    if (libc.statx(fd, cString(path), flags, BASIC_STATS, statBytes) !== 0) return undefined;
    const { owner, permissions } = decodeAccess(stat);
    return owner === user && (permissions & others) === 0 ? decodeStat(stat) : undefined;
  };
  if (found(AT_FDCWD, directory, AT_SYMLINK_NOFOLLOW, 0o077)?.type !== "directory") return undefined;
  const O_NOFOLLOW = arch === "x64" ? 0o400000 : 0o100000;
  // O_NONBLOCK: opening a FIFO would wait for its writer.
  const fd = libc.open(cString(`${directory}/${name}`), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return undefined;
  const file = found(fd, "", AT_EMPTY_PATH, 0o022);
  const size = Number(file?.size ?? 0n);
  const wanted = file?.type === "regular-file" && file.linkCount === 1n && size <= most;
  const bytes = new Uint8Array(wanted ? size : 0);
  let length = 0;
  while (length < bytes.length) {
    const count = libc.read(fd, bytes.subarray(length), bytes.length - length);
    if (count <= 0) break;
    length += count;
  }
  libc.close(fd);
  if (!wanted || length < bytes.length) return undefined;
  const { seconds, nanoseconds } = file.modified;
  return { bytes, modified: Number(seconds) * 1000 + nanoseconds / 1e6 };
}

function cString(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${text}\0`);
}
