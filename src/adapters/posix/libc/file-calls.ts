import type { Advice, DirectoryEntry, FileStat, NewTimestamp } from "../../../machine/files.ts";
import type { Pointer } from "./symbols.ts";

/**
 * The calls on files that each OS provides, in the convention of common-calls.ts: a failed call returns its errno,
 * negated. `directory` is an fd. Names are one component, except in `openBeneath`; no call follows one that is a
 * symbolic link.
 */
export interface FileCalls {
  readonly flags: FileFlags;
  /** Opens a directory by any path, for look-ups only. */
  openDirectory(path: Pointer): number;
  /**
   * Opens any path beneath `directory`; returns -EPERM for one that leads out of it. Never waits for the other end of a
   * FIFO. `mode` is that of a new file.
   */
  openBeneath(directory: number, path: Pointer, flags: number, mode: number): number;
  /** The fd may have been opened with O_PATH. */
  stat(fd: number): FileStat | number;
  /** The fd may have been opened with O_PATH, which sets the times of a symbolic link itself. */
  setTimes(fd: number, accessed: NewTimestamp, modified: NewTimestamp): number;
  read(fd: number, buffer: Pointer, count: number, offset: bigint): number;
  write(fd: number, buffer: Pointer, count: number, offset: bigint): number;
  /** Returns whether the file can be read and written at an offset. */
  seekable(fd: number): boolean;
  /**
   * Copies one byte of the FIFO `from` to the pipe `to`, and leaves it in the FIFO. Returns 0 if there is none and the
   * FIFO has no writer, -EAGAIN if there is none yet.
   */
  tee(from: number, to: number): number;
  append(fd: number, buffer: Pointer, count: number): number;
  truncate(fd: number, size: bigint): number;
  advise(fd: number, offset: bigint, length: bigint, advice: Advice): number;
  sync(fd: number): number;
  syncData(fd: number): number;
  /** Returns all entries but `.` and `..`. A type that the file system does not report with the name is `unknown`. */
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
  /** For look-ups and metadata only: it opens files that may not be read, and does not open a device. */
  readonly O_PATH: number;
}
