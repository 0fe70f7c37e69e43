import type { Advice, DirectoryEntry, NewTimestamp } from "../../../machine/files.ts";
import type { CommonCalls } from "./common-calls.ts";
import { TRANSFER_BYTES } from "./context.ts";
import type { Block, Ffi } from "./ffi.ts";
import type { FileCalls, FileFlags } from "./file-calls.ts";
import { BASIC_STATS, decodeStat, STATX, typeOfEntry } from "./linux-stat.ts";
import { linuxFileSymbols, type Pointer } from "./symbols.ts";

// <fcntl.h>, <linux/openat2.h>, <bits/uio-ext.h>, <sys/stat.h>
const O_NOCTTY = 0o400;
const O_NONBLOCK = 0o4000;
const O_CLOEXEC = 0o2000000;
const O_PATH = 0o10000000;
const AT_EMPTY_PATH = 0x1000;
const AT_REMOVEDIR = 0x200;
const SYS_OPENAT2 = 437;
const RESOLVE_NO_MAGICLINKS = 0x02;
const RESOLVE_BENEATH = 0x08;
const OPEN_HOW = 24;
const RWF_APPEND = 0x10;
const SEEK_CUR = 1;
const SPLICE_F_NONBLOCK = 2;
const UTIME_NOW = 0x3fffffffn;
const UTIME_OMIT = 0x3ffffffen;
const EPERM = 1;
const ENOENT = 2;
const EAGAIN = 11;
const EXDEV = 18;
const EOPNOTSUPP = 95;

const advices: Readonly<Record<Advice, number>> = {
  normal: 0,
  random: 1,
  sequential: 2,
  "will-need": 3,
  "dont-need": 4,
  "no-reuse": 5,
};

/** How often a look-up through `..` is tried again after a rename somewhere in the system disturbed it. */
const MAX_ATTEMPTS = 1000;

/**
 * Files on Linux. openat2(2) with RESOLVE_BENEATH contains every path; statx(2) has one layout for all architectures.
 * Both, and utimensat(2) on an O_PATH fd, need Linux 5.8.
 *
 * @param errno one element: this thread's errno, read in the statement after each call (common-calls.ts)
 */
export function openLinuxFiles(
  ffi: Ffi,
  libraries: readonly string[],
  errno: Int32Array,
  { allocate, close }: Pick<CommonCalls, "allocate" | "close">,
  arch: "x64" | "arm64",
): FileCalls {
  const libc = ffi.open(libraries, linuxFileSymbols);
  const how = allocate(OPEN_HOW);
  const statx = allocate(STATX);
  const times = allocate(32);
  const empty = allocate(1);
  const entryBuffer = allocate(TRANSFER_BYTES);
  // struct iovec { void *base; size_t length; }
  const piece = allocate(16);

  function write(fd: number, buffer: Pointer, count: number, offset: bigint): number {
    const result = libc.pwrite(fd, buffer, count, offset);
    return result === -1 ? -errno[0]! : result;
  }

  return {
    flags: arch === "x64" ? flags(0o200000, 0o400000) : flags(0o40000, 0o100000),
    openDirectory(path) {
      const result = libc.open(path, O_PATH | O_CLOEXEC | (arch === "x64" ? 0o200000 : 0o40000));
      return result === -1 ? -errno[0]! : result;
    },
    openBeneath(directory, path, given, mode) {
      const more = (given & O_PATH) === 0 ? O_CLOEXEC | O_NOCTTY | O_NONBLOCK : O_CLOEXEC;
      how.view.setUint32(0, given | more, true);
      how.view.setUint32(8, mode, true);
      how.view.setUint32(16, RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS, true);
      for (let attempt = 1; ; attempt++) {
        const result = libc.syscall(SYS_OPENAT2, directory, path, how.pointer, OPEN_HOW);
        const error = result === -1 ? errno[0]! : 0;
        if (error === 0) return result;
        if (error === EXDEV) return -EPERM;
        if (error !== EAGAIN || attempt === MAX_ATTEMPTS) return -error;
      }
    },
    stat(fd) {
      const result = libc.statx(fd, empty.pointer, AT_EMPTY_PATH, BASIC_STATS, statx.pointer);
      return result === -1 ? -errno[0]! : decodeStat(statx.view);
    },
    setTimes(fd, accessed, modified) {
      encodeTime(times, 0, accessed);
      encodeTime(times, 16, modified);
      const result = libc.utimensat(fd, empty.pointer, times.pointer, AT_EMPTY_PATH);
      return result === -1 ? -errno[0]! : result;
    },
    read(fd, buffer, count, offset) {
      const result = libc.pread(fd, buffer, count, offset);
      return result === -1 ? -errno[0]! : result;
    },
    write,
    seekable: (fd) => libc.lseek(fd, 0n, SEEK_CUR) !== -1n,
    tee(from, to) {
      const result = libc.tee(from, to, 1, SPLICE_F_NONBLOCK);
      return result === -1 ? -errno[0]! : result;
    },
    append(fd, buffer, count) {
      piece.view.setBigUint64(0, ffi.address(buffer), true);
      piece.view.setBigUint64(8, BigInt(count), true);
      const result = libc.pwritev2(fd, piece.pointer, 1, 0n, RWF_APPEND);
      const error = result === -1 ? errno[0]! : 0;
      // A device, which has no end to append to.
      if (error === EOPNOTSUPP) return write(fd, buffer, count, 0n);
      return error === 0 ? result : -error;
    },
    truncate(fd, size) {
      const result = libc.ftruncate(fd, size);
      return result === -1 ? -errno[0]! : result;
    },
    advise: (fd, offset, length, advice) => -libc.posix_fadvise(fd, offset, length, advices[advice]),
    sync(fd) {
      const result = libc.fsync(fd);
      return result === -1 ? -errno[0]! : result;
    },
    syncData(fd) {
      const result = libc.fdatasync(fd);
      return result === -1 ? -errno[0]! : result;
    },
    entries(fd) {
      const entries: DirectoryEntry[] = [];
      for (;;) {
        const length = libc.getdents64(fd, entryBuffer.pointer, TRANSFER_BYTES);
        const error = length === -1 ? errno[0]! : 0;
        // ENOENT: the directory was removed, with everything in it.
        if (length === 0 || error === ENOENT) return entries;
        if (error !== 0) return -error;
        decodeEntries(entryBuffer, length, entries);
      }
    },
    makeDirectory(directory, name, mode) {
      const result = libc.mkdirat(directory, name, mode);
      return result === -1 ? -errno[0]! : result;
    },
    removeDirectory(directory, name) {
      const result = libc.unlinkat(directory, name, AT_REMOVEDIR);
      return result === -1 ? -errno[0]! : result;
    },
    unlink(directory, name) {
      const result = libc.unlinkat(directory, name, 0);
      return result === -1 ? -errno[0]! : result;
    },
    readLink(directory, name, text, size) {
      const result = libc.readlinkat(directory, name, text, size);
      return result === -1 ? -errno[0]! : result;
    },
    symlink(target, directory, name) {
      const result = libc.symlinkat(target, directory, name);
      return result === -1 ? -errno[0]! : result;
    },
    link(directory, name, newDirectory, newName) {
      const result = libc.linkat(directory, name, newDirectory, newName, 0);
      return result === -1 ? -errno[0]! : result;
    },
    rename(directory, name, newDirectory, newName) {
      const result = libc.renameat(directory, name, newDirectory, newName);
      return result === -1 ? -errno[0]! : result;
    },
    close,
  };
}

function flags(O_DIRECTORY: number, O_NOFOLLOW: number): FileFlags {
  return {
    O_RDONLY: 0,
    O_WRONLY: 1,
    O_RDWR: 2,
    O_CREAT: 0o100,
    O_EXCL: 0o200,
    O_TRUNC: 0o1000,
    O_DIRECTORY,
    O_NOFOLLOW,
    O_PATH,
  };
}

/** struct timespec { long seconds; long nanoseconds; } */
function encodeTime({ view }: Block, offset: number, time: NewTimestamp): void {
  const [seconds, nanoseconds] =
    time.tag === "timestamp"
      ? [time.val.seconds, BigInt(time.val.nanoseconds)]
      : [0n, time.tag === "now" ? UTIME_NOW : UTIME_OMIT];
  view.setBigInt64(offset, seconds, true);
  view.setBigInt64(offset + 8, nanoseconds, true);
}

/** struct linux_dirent64 { u64 inode; s64 offset; u16 length; u8 type; char name[]; } */
function decodeEntries({ view, bytes }: Block, length: number, entries: DirectoryEntry[]): void {
  for (let at = 0; at < length; ) {
    const size = view.getUint16(at + 16, true);
    const start = at + 19;
    const name = bytes.slice(start, bytes.indexOf(0, start));
    if (!isDots(name)) entries.push({ name, type: typeOfEntry(view.getUint8(at + 18)) });
    at += size;
  }
}

/** Returns whether the name is `.` or `..`. */
function isDots(name: Uint8Array): boolean {
  const dot = 0x2e;
  return name[0] === dot && (name.length === 1 || (name.length === 2 && name[1] === dot));
}
