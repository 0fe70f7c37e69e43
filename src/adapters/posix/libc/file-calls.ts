import type { Advice, DirectoryEntry, FileStat, NewTimestamp } from "../../../machine/files.ts";
import type { Pointer } from "./symbols.ts";

/**
 * What files ask of an OS, in the convention of syscalls.ts: a failed call returns its errno, negated. `directory` is an fd;
 * names passed to calls other than `openBeneath` are one component, which none of them follows if it is a symbolic link.
 */
export interface FileCalls {
  readonly flags: FileFlags;
  /** A directory by any path, for look-ups in it only. */
  openDirectory(path: Pointer): number;
  /** Any path beneath `directory`, for one that leads out -EPERM. Never waits for a fifo's other end. `mode`: of a new file. */
  openBeneath(directory: number, path: Pointer, flags: number, mode: number): number;
  /** Also of an fd that was opened with O_PATH. */
  stat(fd: number): FileStat | number;
  /** Also of an fd that was opened with O_PATH: of a symbolic link itself. */
  setTimes(fd: number, accessed: NewTimestamp, modified: NewTimestamp): number;
  read(fd: number, buffer: Pointer, count: number, offset: bigint): number;
  write(fd: number, buffer: Pointer, count: number, offset: bigint): number;
  /** Whether it has positions. */
  seekable(fd: number): boolean;
  /**
   * Puts a byte of the fifo `from` into the pipe `to` and leaves it where it is. Returns 0 where none is there and nobody has the
   * fifo open for writing; -EAGAIN where none is there yet.
   */
  tee(from: number, to: number): number;
  append(fd: number, buffer: Pointer, count: number): number;
  truncate(fd: number, size: bigint): number;
  advise(fd: number, offset: bigint, length: bigint, advice: Advice): number;
  sync(fd: number): number;
  syncData(fd: number): number;
  /** Everything but `.` and `..`. A type that the file system does not tell with the name is `unknown`. */
  entries(fd: number): DirectoryEntry[] | number;
  makeDirectory(directory: number, name: Pointer, mode: number): number;
  removeDirectory(directory: number, name: Pointer): number;
  unlink(directory: number, name: Pointer): number;
  readLink(directory: number, name: Pointer, text: Pointer, size: number): number;
  symlink(target: Pointer, directory: number, name: Pointer): number;
  link(directory: number, name: Pointer, newDirectory: number, newName: Pointer): number;
  rename(directory: number, name: Pointer, newDirectory: number, newName: Pointer): number;
  close(fd: number): number;
}

/** The O_* flags that differ between architectures or systems. */
export interface FileFlags {
  readonly O_RDONLY: number;
  readonly O_WRONLY: number;
  readonly O_RDWR: number;
  readonly O_CREAT: number;
  readonly O_EXCL: number;
  readonly O_TRUNC: number;
  readonly O_DIRECTORY: number;
  readonly O_NOFOLLOW: number;
  /** For look-ups and metadata only; opens what may not be read, and no device. */
  readonly O_PATH: number;
}
