import type { DescriptorType, FileStat, Instant } from "../../../machine/files.ts";

/** The size of struct statx (statx(2)), the same on every architecture. */
export const STATX = 256;

/** STATX_BASIC_STATS: the fields of stat(2). */
export const BASIC_STATS = 0x7ff;

const LINK_COUNT = 16;
const OWNER = 20;
const MODE = 28;
const INODE = 32;
const FILE_SIZE = 40;
const ACCESSED = 64;
const CHANGED = 96;
const MODIFIED = 112;
const DEVICE_MAJOR = 136;
const DEVICE_MINOR = 140;

export function decodeStat(view: DataView): FileStat {
  return {
    type: typeOfMode(view.getUint16(MODE, true)),
    linkCount: BigInt(view.getUint32(LINK_COUNT, true)),
    size: view.getBigUint64(FILE_SIZE, true),
    accessed: timestamp(view, ACCESSED),
    modified: timestamp(view, MODIFIED),
    changed: timestamp(view, CHANGED),
    device: (BigInt(view.getUint32(DEVICE_MAJOR, true)) << 32n) | BigInt(view.getUint32(DEVICE_MINOR, true)),
    inode: view.getBigUint64(INODE, true),
  };
}

/** Reads a file's owner and permissions (the bits of chmod(2)). */
export function decodeAccess(view: DataView): { readonly owner: number; readonly permissions: number } {
  return { owner: view.getUint32(OWNER, true), permissions: view.getUint16(MODE, true) & 0o7777 };
}

/** Returns the type in a mode's S_IFMT bits (inode(7)). */
function typeOfMode(mode: number): DescriptorType {
  switch (mode & 0o170000) {
    case 0o010000:
      return "fifo";
    case 0o020000:
      return "character-device";
    case 0o040000:
      return "directory";
    case 0o060000:
      return "block-device";
    case 0o100000:
      return "regular-file";
    case 0o120000:
      return "symbolic-link";
    case 0o140000:
      return "socket";
    default:
      return "unknown";
  }
}

/** Returns the type of a DT_* value of struct dirent: S_IFMT's values, shifted. DT_UNKNOWN is 0. */
export function typeOfEntry(type: number): DescriptorType {
  return typeOfMode(type << 12);
}

/** struct statx_timestamp { s64 seconds; u32 nanoseconds; } */
function timestamp(view: DataView, offset: number): Instant {
  return { seconds: view.getBigInt64(offset, true), nanoseconds: view.getUint32(offset + 8, true) };
}
