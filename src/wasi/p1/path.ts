import type { Blocking } from "../../core/wait/poll.ts";
import { andThen } from "../../core/wait/waiting.ts";
import { flagsArgument } from "./abi/arguments.ts";
import { allFdflags, fdflags, lookupflags, oflags } from "./abi/constants.ts";
import { errno, fileErrno } from "./abi/errno.ts";
import { dirent } from "./abi/layout.ts";
import { rights, rightsArgument } from "./abi/rights.ts";
import type { Area, Preview1Context } from "./context.ts";
import { Directory } from "./descriptors/directory.ts";
import { OpenedFile } from "./descriptors/file.ts";
import { filestatOf, newTimestamps, storeFilestat } from "./descriptors/filestat.ts";
import { StreamFile } from "./descriptors/stream-file.ts";

/**
 * `path_*` and `fd_readdir`. The machine resolves paths beneath their directory. All return EBADF if `fd` is not a
 * directory, EILSEQ for a path that is not UTF-8, ENOMEM for one longer than -Shostcall-fuel, EPERM for one that leaves
 * the directory, and else the errno of the system call. Lengths and sizes are in bytes.
 */
export const path: Area = (cx, layout) => ({
  /** mkdirat(2). Errno: see above; EEXIST. */
  path_create_directory: (fd: number, path: number, length: number) =>
    withPath(cx, fd, path, length, ({ files }, name) => fileErrno(files.createDirectoryAt(name))),

  /** unlinkat(2) with AT_REMOVEDIR. Errno: see above; ENOENT, ENOTDIR, ENOTEMPTY. */
  path_remove_directory: (fd: number, path: number, length: number) =>
    withPath(cx, fd, path, length, ({ files }, name) => fileErrno(files.removeDirectoryAt(name))),

  /** unlinkat(2). Errno: see above; ENOENT, EISDIR. */
  path_unlink_file: (fd: number, path: number, length: number) =>
    withPath(cx, fd, path, length, ({ files }, name) => fileErrno(files.unlinkFileAt(name))),

  /** fstatat(2): stores a `filestat` at `stat`. Errno: see above; ENOENT. */
  path_filestat_get(fd: number, flags: number, path: number, length: number, stat: number) {
    const follow = follows(flags);
    return withPath(cx, fd, path, length, ({ files }, name) =>
      storeFilestat(
        cx.memory,
        layout,
        stat,
        filestatOf(files.statAt(follow, name), files.metadataHashAt(follow, name)),
      ),
    );
  },

  /**
   * utimensat(2): times in ns since 1970. Errno: see above; EINVAL for a given time and the clock's at once, ENOENT.
   */
  path_filestat_set_times(
    fd: number,
    flags: number,
    path: number,
    length: number,
    atim: bigint,
    mtim: bigint,
    fstflags: number,
  ) {
    const follow = follows(flags);
    const times = newTimestamps(atim, mtim, fstflags);
    if (times === undefined) return errno.EINVAL;
    return withPath(cx, fd, path, length, ({ files }, name) =>
      fileErrno(files.setTimesAt(follow, name, times.atim, times.mtim)),
    );
  },

  /** linkat(2). Errno: see above, for both paths; EEXIST, ENOENT. */
  path_link(
    oldFd: number,
    flags: number,
    oldPath: number,
    oldLength: number,
    newFd: number,
    newPath: number,
    newLength: number,
  ) {
    const follow = follows(flags);
    return withPaths(cx, oldFd, oldPath, oldLength, newFd, newPath, newLength, (from, name, to, newName) =>
      fileErrno(from.files.linkAt(follow, name, to.files, newName)),
    );
  },

  /** renameat(2). Errno: see above, for both paths; ENOENT. */
  path_rename: (oldFd: number, oldPath: number, oldLength: number, newFd: number, newPath: number, newLength: number) =>
    withPaths(cx, oldFd, oldPath, oldLength, newFd, newPath, newLength, (from, name, to, newName) =>
      fileErrno(from.files.renameAt(name, to.files, newName)),
    ),

  /** symlinkat(2): `target` is the link's text. Errno: see above; EEXIST, ENOENT. */
  path_symlink(target: number, targetLength: number, fd: number, path: number, length: number) {
    const directory = cx.fds.get(fd);
    if (!(directory instanceof Directory)) return errno.EBADF;
    const text = readString(cx, target, targetLength);
    if (typeof text === "number") return text;
    const name = readString(cx, path, length, targetLength >>> 0);
    return typeof name === "number" ? name : fileErrno(directory.files.symlinkAt(text, name));
  },

  /**
   * readlinkat(2): stores up to `size` bytes of the link's text at `buffer`, and their count at `used`. Errno: see
   * above; EINVAL if it is no link.
   */
  path_readlink(fd: number, path: number, length: number, buffer: number, size: number, used: number) {
    return withPath(cx, fd, path, length, ({ files }, name) => {
      const link = files.readlinkAt(name);
      if (typeof link === "string") return fileErrno(link);
      const piece = new TextEncoder().encode(link.target).subarray(0, size >>> 0);
      cx.memory.write(buffer, piece);
      cx.memory.setU32(used, piece.length);
      return errno.ESUCCESS;
    });
  },

  /**
   * openat(2): stores the new descriptor at `opened`. Waits for the other side of a FIFO unless NONBLOCK is set. Errno:
   * see above; ENOENT, EEXIST, EISDIR, ELOOP, ENOTDIR (also if `fd` is a file). Traps when too many descriptors are
   * open.
   */
  path_open(
    fd: number,
    dirflags: number,
    path: number,
    length: number,
    flags: number,
    rightsBase: bigint,
    rightsInheriting: bigint,
    fdFlags: number,
    opened: number,
  ) {
    const follow = follows(dirflags);
    const how = flagsArgument(flags, 0b1111, 16, "Oflags");
    const asked = rightsArgument(rightsBase);
    rightsArgument(rightsInheriting);
    const set = flagsArgument(fdFlags, allFdflags, 16, "Fdflags");
    const name = readString(cx, path, length);
    if (typeof name === "number") return name;
    const directory = cx.fds.get(fd);
    if (directory instanceof OpenedFile) return errno.ENOTDIR;
    if (!(directory instanceof Directory)) return errno.EBADF;
    return andThen(cx.poll.run(openAt(directory, name, follow, how, asked, set)), (descriptor) => {
      if (typeof descriptor === "number") return descriptor;
      cx.memory.setU32(opened, cx.fds.push(descriptor));
      return errno.ESUCCESS;
    });
  },

  /**
   * Stores dirents from `cookie` (0: from the start) at `buffer`, up to `size` bytes, and their size at `used`: less
   * than `size` at the end. Errno: EBADF if `fd` is not a directory, or the failure of readdir(3).
   */
  fd_readdir(fd: number, buffer: number, size: number, cookie: bigint, used: number) {
    const directory = cx.fds.get(fd);
    if (!(directory instanceof Directory)) return errno.EBADF;
    const capacity = size >>> 0;
    const stored = storeEntries(cx, directory, buffer, capacity, BigInt.asUintN(64, cookie));
    if (stored < 0) return -stored;
    cx.memory.setU32(used, stored);
    return errno.ESUCCESS;
  },
});

const readRight = rights("fd_read");
const writeRight = rights("fd_write");

/** openat(2). The requested rights tell whether the file is opened for reading and writing. */
function* openAt(
  { files }: Directory,
  name: string,
  follow: boolean,
  how: number,
  asked: bigint,
  flags: number,
): Blocking<Directory | OpenedFile | number> {
  const open = {
    create: (how & oflags.creat) !== 0,
    directory: (how & oflags.directory) !== 0,
    exclusive: (how & oflags.excl) !== 0,
    truncate: (how & oflags.trunc) !== 0,
  };
  const access = {
    read: (asked & readRight) !== 0n,
    write: (asked & writeRight) !== 0n,
    fileIntegritySync: (flags & fdflags.sync) !== 0,
    dataIntegritySync: (flags & fdflags.dsync) !== 0,
    requestedWriteSync: (flags & fdflags.rsync) !== 0,
    mutateDirectory: false,
  };
  const nonblocking = (flags & fdflags.nonblock) !== 0;
  const opened = nonblocking
    ? files.openAt(follow, name, open, access)
    : yield* files.openAtBlocking(follow, name, open, access);
  if (typeof opened === "string") return fileErrno(opened);
  if (opened.type === "directory") return new Directory(opened);
  return opened.stream === undefined ? new OpenedFile(opened, flags) : new StreamFile(opened, opened.stream, flags);
}

/**
 * Fills the buffer with dirents and their names, from `cookie`. The last one is cut off where the buffer ends: that
 * tells the guest that there is more. Returns the bytes stored, or a negated errno.
 */
function storeEntries(
  { memory }: Preview1Context,
  directory: Directory,
  buffer: number,
  capacity: number,
  cookie: bigint,
): number {
  const entries = directory.entries(cookie === 0n);
  if (typeof entries === "number") return -entries;
  const piece = new Uint8Array(dirent.size);
  const view = new DataView(piece.buffer);
  let stored = 0;
  const store = (bytes: Uint8Array): void => {
    const part = bytes.subarray(0, capacity - stored);
    memory.write(buffer + stored, part);
    stored += part.length;
  };
  for (let i = Number(cookie); i < entries.length && stored < capacity; i++) {
    const { name, filetype, inode } = entries[i]!;
    view.setBigUint64(dirent.next, BigInt(i + 1), true);
    view.setBigUint64(dirent.inode, inode, true);
    view.setUint32(dirent.nameLength, name.length, true);
    view.setUint8(dirent.type, filetype);
    store(piece);
    store(name);
  }
  return stored;
}

function follows(flags: number): boolean {
  return flagsArgument(flags, lookupflags.symlinkFollow, 32, "Lookupflags") !== 0;
}

/** Returns a path, or an errno. @param copied how many bytes this call has copied already */
function readString({ memory, limits }: Preview1Context, start: number, length: number, copied = 0): string | number {
  if (copied + (length >>> 0) > limits.hostcallFuel) return errno.ENOMEM;
  return memory.string(start, length) ?? errno.EILSEQ;
}

function withPath(
  cx: Preview1Context,
  fd: number,
  path: number,
  length: number,
  act: (directory: Directory, name: string) => number,
): number {
  const directory = cx.fds.get(fd);
  if (!(directory instanceof Directory)) return errno.EBADF;
  const name = readString(cx, path, length);
  return typeof name === "number" ? name : act(directory, name);
}

function withPaths(
  cx: Preview1Context,
  oldFd: number,
  oldPath: number,
  oldLength: number,
  newFd: number,
  newPath: number,
  newLength: number,
  act: (from: Directory, name: string, to: Directory, newName: string) => number,
): number {
  const to = cx.fds.get(newFd);
  if (!(to instanceof Directory)) return errno.EBADF;
  return withPath(cx, oldFd, oldPath, oldLength, (from, name) => {
    const newName = readString(cx, newPath, newLength, oldLength >>> 0);
    return typeof newName === "number" ? newName : act(from, name, to, newName);
  });
}
