import type { MetadataHash } from "../../../core/files/metadata-hash.ts";
import type { DescriptorType, FileErrorCode, FileStat, Instant, NewTimestamp } from "../../../machine/files.ts";
import { flagsArgument } from "../abi/arguments.ts";
import { filetype } from "../abi/constants.ts";
import { errno, fileErrno } from "../abi/errno.ts";
import type { Layout } from "../abi/layout.ts";
import type { Preview1Memory } from "../abi/memory.ts";
import type { Filestat } from "./descriptor.ts";

const NS_PER_SECOND = 1_000_000_000n;

/** The `filetype` of each descriptor type. wasip1 has none for a FIFO. */
export const filetypes: Readonly<Record<DescriptorType, number>> = {
  unknown: filetype.unknown,
  "block-device": filetype.blockDevice,
  "character-device": filetype.characterDevice,
  directory: filetype.directory,
  fifo: filetype.unknown,
  "symbolic-link": filetype.symbolicLink,
  "regular-file": filetype.regularFile,
  socket: filetype.socketStream,
};

/**
 * Returns a `filestat`, or an errno. As in wasmtime, the device is hidden and the inode is a hash that tells files
 * apart.
 */
export function filestatOf(stat: FileStat | FileErrorCode, hash: MetadataHash | FileErrorCode): Filestat | number {
  if (typeof stat === "string") return fileErrno(stat);
  if (typeof hash === "string") return fileErrno(hash);
  return {
    dev: 1n,
    ino: hash.lower,
    filetype: filetypes[stat.type],
    nlink: stat.linkCount,
    size: stat.size,
    atim: timestamp(stat.accessed),
    mtim: timestamp(stat.modified),
    ctim: timestamp(stat.changed),
  };
}

/** Converts to unsigned ns since 1970; earlier times are 0. */
function timestamp({ seconds, nanoseconds }: Instant): bigint {
  return seconds < 0n ? 0n : seconds * NS_PER_SECOND + BigInt(nanoseconds);
}

/** Stores a `filestat` at `at`. Returns an errno. */
export function storeFilestat(
  memory: Preview1Memory,
  { filestat }: Layout,
  at: number,
  stat: Filestat | number,
): number {
  if (typeof stat === "number") return stat;
  const start = memory.check(at, filestat.size, filestat.align);
  const { view } = memory;
  view.setBigUint64(start + filestat.dev, stat.dev, true);
  view.setBigUint64(start + filestat.ino, stat.ino, true);
  view.setUint8(start + filestat.filetype, stat.filetype);
  if (filestat.nlinkSize === 8) view.setBigUint64(start + filestat.nlink, stat.nlink, true);
  else view.setUint32(start + filestat.nlink, Number(stat.nlink), true);
  view.setBigUint64(start + filestat.fileSize, stat.size, true);
  view.setBigUint64(start + filestat.atim, stat.atim, true);
  view.setBigUint64(start + filestat.mtim, stat.mtim, true);
  view.setBigUint64(start + filestat.ctim, stat.ctim, true);
  return errno.ESUCCESS;
}

/** Returns the timestamps that `fstflags` ask for; undefined if they ask for a given time and the clock's at once. */
export function newTimestamps(
  atim: bigint,
  mtim: bigint,
  fstflags: number,
): { readonly atim: NewTimestamp; readonly mtim: NewTimestamp } | undefined {
  const flags = flagsArgument(fstflags, 0b1111, 16, "Fstflags");
  const access = newTimestamp(atim, flags & 0b11);
  const modification = newTimestamp(mtim, flags >> 2);
  return access === undefined || modification === undefined ? undefined : { atim: access, mtim: modification };
}

/** @param flags bit 0: set to `time`; bit 1: set to the clock's time */
function newTimestamp(time: bigint, flags: number): NewTimestamp | undefined {
  switch (flags) {
    case 0b00:
      return { tag: "no-change" };
    case 0b01: {
      const ns = BigInt.asUintN(64, time);
      return {
        tag: "timestamp",
        val: { seconds: ns / NS_PER_SECOND, nanoseconds: Number(ns % NS_PER_SECOND) },
      };
    }
    case 0b10:
      return { tag: "now" };
    default:
      return undefined;
  }
}
