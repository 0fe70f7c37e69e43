import type { Source } from "./selector.ts";

/** The contract for a machine's files, which `wasi:filesystem` uses. The rules of machine.ts hold here too. */

/** A failure of anything but a socket. Its errno is kept so that `to-debug-string` can name it. */
export interface IoError {
  /** The errno; 0 if the operating system was not asked. */
  readonly errno: number;
  /** strerror(3)'s text, such as "Is a directory". */
  readonly message: string;
  /** Its code in `wasi:filesystem`. */
  readonly code: FileErrorCode;
}

/**
 * The cases of `wasi:filesystem/types.error-code`, in the order of its WIT, and `file-limit`, which WIT does not have:
 * the process or the system has no descriptor left.
 */
export type FileErrorCode =
  | "access"
  | "would-block"
  | "already"
  | "bad-descriptor"
  | "busy"
  | "deadlock"
  | "quota"
  | "exist"
  | "file-too-large"
  | "illegal-byte-sequence"
  | "in-progress"
  | "interrupted"
  | "invalid"
  | "io"
  | "is-directory"
  | "loop"
  | "too-many-links"
  | "message-size"
  | "name-too-long"
  | "no-device"
  | "no-entry"
  | "no-lock"
  | "insufficient-memory"
  | "insufficient-space"
  | "not-directory"
  | "not-empty"
  | "not-recoverable"
  | "unsupported"
  | "no-tty"
  | "no-such-device"
  | "overflow"
  | "not-permitted"
  | "pipe"
  | "read-only"
  | "invalid-seek"
  | "text-file-busy"
  | "cross-device"
  | "file-limit";

/** `wasi:filesystem/types.descriptor-type` */
export type DescriptorType =
  | "unknown"
  | "block-device"
  | "character-device"
  | "directory"
  | "fifo"
  | "symbolic-link"
  | "regular-file"
  | "socket";

/**
 * `wasi:clocks/system-clock.instant`: time since 1970, with nanoseconds below 1e9. Before 1970 seconds are negative,
 * and nanoseconds count up from them.
 */
export interface Instant {
  readonly seconds: bigint;
  readonly nanoseconds: number;
}

/** `wasi:filesystem/types.new-timestamp` */
export type NewTimestamp =
  | { readonly tag: "no-change" }
  | { readonly tag: "now" }
  | { readonly tag: "timestamp"; readonly val: Instant };

export interface FileStat {
  readonly type: DescriptorType;
  readonly linkCount: bigint;
  /** Size in bytes. */
  readonly size: bigint;
  readonly accessed: Instant;
  readonly modified: Instant;
  /** When its metadata last changed. */
  readonly changed: Instant;
  /** Device and inode together identify the file. */
  readonly device: bigint;
  readonly inode: bigint;
}

/** `wasi:filesystem/types.advice` */
export type Advice = "normal" | "sequential" | "random" | "will-need" | "dont-need" | "no-reuse";

/**
 * The calls that open files and directories share. A failure is a `FileErrorCode` if a guest learns no more than that.
 */
export interface OpenHandle {
  stat(): FileStat | FileErrorCode;
  setTimes(accessed: NewTimestamp, modified: NewTimestamp): FileErrorCode | undefined;
  /** Waits until the data is stored. `data`: without metadata that reading does not need. */
  sync(what: "all" | "data"): FileErrorCode | undefined;
  close(): void;
}

/**
 * A file without positions: a FIFO or a terminal. Its bytes are read and written in order, and may have to be waited
 * for. It is a `ByteSource` and a `ByteSink`.
 */
export interface FileStream {
  readonly source: Source;
  receive(max: number): number | "would-block" | IoError;
  /** As `receive`, into `bytes` (possibly a guest's whole memory) from `start` up to `end`. */
  receiveInto(bytes: Uint8Array, start: number, end: number): number | "would-block" | IoError;
  send(bytes: Uint8Array, start?: number, end?: number): number | "would-block" | IoError;
  /**
   * Returns whether a FIFO that is open for reading here is open for writing anywhere, or has been since it was opened.
   */
  hasWriter(): boolean;
}

/** An open file of any type but a directory. Offsets are any u64. */
export interface FileHandle extends OpenHandle {
  readonly type: Exclude<DescriptorType, "directory">;
  /** Undefined if the file has positions, and so never has to be waited for. */
  readonly stream: FileStream | undefined;
  /** Reads up to `max` bytes from `offset` into the start of `Machine.buffer`. Returns their number, 0 at the end. */
  read(max: number, offset: bigint): number | IoError;
  /** As `read`, into `bytes` (possibly a guest's whole memory) from `start` up to `end`. */
  readInto(bytes: Uint8Array, start: number, end: number, offset: bigint): number | IoError;
  /**
   * Writes `bytes` from `start` to `end` at an offset; `"end"` appends, whatever others append. Returns how many were
   * written, at least 1 unless there were none.
   */
  write(bytes: Uint8Array, start: number, end: number, offset: bigint | "end"): number | IoError;
  setSize(size: bigint): FileErrorCode | undefined;
  advise(offset: bigint, length: bigint, advice: Advice): FileErrorCode | undefined;
}

export interface OpenOptions {
  /** Whether to follow a symbolic link at the end of the path; if not, it is `loop`. */
  readonly follow: boolean;
  readonly read: boolean;
  readonly write: boolean;
  readonly create: boolean;
  readonly exclusive: boolean;
  readonly truncate: boolean;
}

/** A directory entry. Its name is bytes as the machine stores them, UTF-8 by custom. */
export interface DirectoryEntry {
  readonly name: Uint8Array;
  readonly type: DescriptorType;
}

/**
 * An open directory, which limits what can be reached through it. Every path is relative to it and is resolved beneath
 * it by the kernel, in one step. No `..`, absolute path or symbolic link leads out of it, even one that is swapped
 * meanwhile: that is `not-permitted`. Links in /proc that lead to open files (magic links) are not followed: `loop`.
 */
export interface DirectoryHandle extends OpenHandle {
  readonly type: "directory";
  /** Nothing is linked or renamed into it: that is `read-only`. */
  readonly readOnly?: true;
  /** Opens a path. A FIFO without a reader that is opened for writing is `no-such-device`. */
  openAt(path: string, options: OpenOptions): FileHandle | DirectoryHandle | FileErrorCode;
  /** Returns all entries but `.` and `..`, in the machine's order. */
  entries(): readonly DirectoryEntry[] | FileErrorCode;
  statAt(path: string, follow: boolean): FileStat | FileErrorCode;
  setTimesAt(path: string, follow: boolean, accessed: NewTimestamp, modified: NewTimestamp): FileErrorCode | undefined;
  createDirectoryAt(path: string): FileErrorCode | undefined;
  removeDirectoryAt(path: string): FileErrorCode | undefined;
  unlinkFileAt(path: string): FileErrorCode | undefined;
  /** Returns the link's text as bytes. */
  readlinkAt(path: string): Uint8Array | FileErrorCode;
  /** @param target the link's text, which may not be an absolute path */
  symlinkAt(target: string, path: string): FileErrorCode | undefined;
  /** Makes a hard link to `path` itself, even if that is a symbolic link. `directory` belongs to the same machine. */
  linkAt(path: string, directory: DirectoryHandle, newPath: string): FileErrorCode | undefined;
  renameAt(path: string, directory: DirectoryHandle, newPath: string): FileErrorCode | undefined;
}

export interface Files {
  /** Opens a directory by any path, with the process's own authority. */
  openDirectory(path: string): DirectoryHandle | IoError;
}
