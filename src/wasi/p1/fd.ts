import { enumArgument, flagsArgument } from "./abi/arguments.ts";
import { advices, allFdflags, preopentype } from "./abi/constants.ts";
import { errno } from "./abi/errno.ts";
import { fdstat, prestat } from "./abi/layout.ts";
import { rightsArgument } from "./abi/rights.ts";
import { type Area, missesListener, type Preview1Context } from "./context.ts";
import { newTimestamps, storeFilestat } from "./descriptors/filestat.ts";

/**
 * `fd_*` except those that move bytes. All return EBADF for a closed descriptor. "The file's failure" is what the
 * machine's system call returned, as an errno.
 */
export const fd: Area = (cx, layout) => ({
  /** posix_fadvise(2): `offset` and `length` in bytes. Errno: EBADF unless a file, or the file's failure. */
  fd_advise(fd: number, offset: bigint, length: bigint, advice: number) {
    const kind = advices[enumArgument(advice, advices.length, 8, "Advice")]!;
    return cx.fds.get(fd)?.advise(BigInt.asUintN(64, offset), BigInt.asUintN(64, length), kind) ?? errno.EBADF;
  },

  /** posix_fallocate(3), which no runtime supports any more. Errno: ENOTSUP for a file, else EBADF. */
  fd_allocate: (fd: number) => cx.fds.get(fd)?.allocate() ?? errno.EBADF,

  /** close(2). Errno: EBADF. */
  fd_close: (fd: number) => cx.fds.close(fd),

  /** fdatasync(2). Errno: EBADF unless a file, or the file's failure. */
  fd_datasync: (fd: number) => cx.fds.get(fd)?.sync("data") ?? errno.EBADF,

  /** fsync(2). Errno: EBADF unless a file, or the file's failure. */
  fd_sync: (fd: number) => cx.fds.get(fd)?.sync("all") ?? errno.EBADF,

  /** fcntl(2), F_GETFL: stores an `fdstat` at `stat`. Errno: EBADF. */
  fd_fdstat_get(fd: number, stat: number) {
    const descriptor = cx.fds.get(fd);
    if (descriptor === undefined) {
      missesListener(cx, fd);
      return errno.EBADF;
    }
    const start = cx.memory.check(stat, fdstat.size, fdstat.align);
    const { view } = cx.memory;
    view.setUint8(start + fdstat.filetype, descriptor.filetype);
    view.setUint16(start + fdstat.flags, descriptor.flags, true);
    view.setBigUint64(start + fdstat.rightsBase, descriptor.rightsBase, true);
    view.setBigUint64(start + fdstat.rightsInheriting, descriptor.rightsInheriting, true);
    return errno.ESUCCESS;
  },

  /**
   * fcntl(2), F_SETFL. Errno: EBADF for a directory, EINVAL for a flag that cannot be changed: all but NONBLOCK and,
   * for a file, APPEND.
   */
  fd_fdstat_set_flags(fd: number, flags: number) {
    const set = flagsArgument(flags, allFdflags, 16, "Fdflags");
    return cx.fds.get(fd)?.setFlags(set) ?? errno.EBADF;
  },

  /** Reduces rights, which no runtime supports any more. Errno: ENOTSUP, or EBADF for stdio. */
  fd_fdstat_set_rights(fd: number, base: bigint, inheriting: bigint) {
    rightsArgument(base);
    rightsArgument(inheriting);
    return cx.fds.get(fd)?.setRights() ?? errno.EBADF;
  },

  /** fstat(2): stores a `filestat` at `stat`. Errno: EBADF, or the file's failure. */
  fd_filestat_get(fd: number, stat: number) {
    return storeFilestat(cx.memory, layout, stat, cx.fds.get(fd)?.filestat() ?? errno.EBADF);
  },

  /** ftruncate(2): `size` in bytes. Errno: EBADF unless a file, or the file's failure. */
  fd_filestat_set_size: (fd: number, size: bigint) => cx.fds.get(fd)?.setSize(BigInt.asUintN(64, size)) ?? errno.EBADF,

  /**
   * futimens(3): times in ns since 1970. Errno: EINVAL for a given time and the clock's at once, EBADF unless a file or
   * directory, or the file's failure.
   */
  fd_filestat_set_times(fd: number, atim: bigint, mtim: bigint, fstflags: number) {
    const times = newTimestamps(atim, mtim, fstflags);
    if (times === undefined) return errno.EINVAL;
    return cx.fds.get(fd)?.setTimes(times.atim, times.mtim) ?? errno.EBADF;
  },

  /** Stores the `prestat` of a preopened directory at `stat`. Errno: EBADF for any other descriptor. */
  fd_prestat_get: (fd: number, stat: number) => storePrestat(cx, fd, stat),

  /**
   * Stores the name of a preopened directory at `path`, without a NUL. Errno: EBADF, ENOTDIR if not preopened,
   * ENAMETOOLONG if it has more than `length` bytes.
   */
  fd_prestat_dir_name(fd: number, path: number, length: number) {
    const name = cx.fds.get(fd)?.preopen;
    if (name === undefined) return cx.fds.get(fd) === undefined ? errno.EBADF : errno.ENOTDIR;
    if (name.length > length >>> 0) return errno.ENAMETOOLONG;
    cx.memory.write(path, name);
    return errno.ESUCCESS;
  },

  /** dup2(2), which closes `from`. Errno: EBADF unless both are open. */
  fd_renumber: (from: number, to: number) => cx.fds.renumber(from, to),

  /**
   * lseek(2): stores the new position in bytes at `position`. Errno: EBADF for a directory, EINVAL outside 0 to 2^64-1,
   * ESPIPE without a position, or the file's failure.
   */
  fd_seek(fd: number, offset: bigint, whence: number, position: number) {
    const how = layout.whence[enumArgument(whence, 3, 8, "Whence")]!;
    return storePosition(cx, cx.fds.get(fd)?.seek(offset, how), position);
  },

  /** lseek(2) by 0 from SEEK_CUR. Errno: EBADF for a directory, ESPIPE without a position. */
  fd_tell: (fd: number, position: number) => storePosition(cx, cx.fds.get(fd)?.seek(0n, "cur"), position),
});

/**
 * Stores the `prestat` of a preopened directory. C libraries ask from descriptor 3 upwards until EBADF. A listener with
 * directories after it therefore gets a type other than `dir`, which they skip; one without gets EBADF, as in wasmtime
 * 46.
 */
function storePrestat({ fds, memory, onMissing }: Preview1Context, fd: number, stat: number): number {
  const name = fds.get(fd)?.preopen;
  const passedOver = name === undefined && fds.get(fd)?.isSocket === true && fds.hasPreopenAfter(fd);
  if (name === undefined && !passedOver) {
    if (!fds.hasPreopenAfter(0)) onMissing?.("directories");
    return errno.EBADF;
  }
  const start = memory.check(stat, prestat.size, prestat.align);
  memory.view.setUint8(start + prestat.tag, passedOver ? preopentype.dir + 1 : preopentype.dir);
  memory.view.setUint32(start + prestat.nameLength, name?.length ?? 0, true);
  return errno.ESUCCESS;
}

function storePosition({ memory }: Preview1Context, answer: bigint | undefined, position: number): number {
  if (answer === undefined) return errno.EBADF;
  if (answer < 0n) return Number(-answer);
  memory.setU64(position, answer);
  return errno.ESUCCESS;
}
