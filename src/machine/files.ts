import type { Source } from "./selector.ts";

/**
 * What the core asks of a machine's files: the part of contract.ts that `wasi:filesystem` needs. Its rules are the same.
 */

/** A failure of something that is not a socket: its errno, kept so that `to-debug-string` can name it. */
export interface IoError {
  /** 0: the operating system was not asked. */
  readonly errno: number;
  /** strerror's text, e.g. "Is a directory". */
  readonly message: string;
  /** Its code in wasi:filesystem. */
  readonly code: FileErrorCode;
}

/**
 * The cases of `wasi:filesystem/types.error-code`, in the order of its WIT; and `file-limit`, which it has not: there is no
 * descriptor left, of the process or of the system.
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

/** `wasi:clocks/system-clock.instant`: since 1970, nanoseconds below 1e9. Before 1970 seconds are negative; nanoseconds count up. */
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
  /** Bytes. */
  readonly size: bigint;
  readonly accessed: Instant;
  readonly modified: Instant;
  /** When its metadata last changed. */
  readonly changed: Instant;
  /** Device and inode: together, which file it is. */
  readonly device: bigint;
  readonly inode: bigint;
}

/** `wasi:filesystem/types.advice` */
export type Advice = "normal" | "sequential" | "random" | "will-need" | "dont-need" | "no-reuse";

/** The calls that open files and directories share. A failure is a `FileErrorCode` where that is all that a guest is told. */
interface OpenHandle {
  stat(): FileStat | FileErrorCode;
  setTimes(accessed: NewTimestamp, modified: NewTimestamp): FileErrorCode | undefined;
  /** Waits until the machine has stored it; `data`: without metadata that reading does not need. */
  sync(what: "all" | "data"): FileErrorCode | undefined;
  close(): void;
}

/**
 * A file without positions, a fifo or a terminal: its bytes come and go in their order, and may have to be waited for. A
 * `ByteSource` and a `ByteSink`.
 */
export interface FileStream {
  readonly source: Source;
  receive(max: number): number | "would-block" | IoError;
  /** As `receive`, into `bytes` (which may be a guest's whole memory) from `start`, up to `end`. */
  receiveInto(bytes: Uint8Array, start: number, end: number): number | "would-block" | IoError;
  send(bytes: Uint8Array, start?: number, end?: number): number | "would-block" | IoError;
  /** Whether anybody has a fifo that is open for reading here open for writing, or has had since it was opened. */
  hasWriter(): boolean;
}

/** An open file of any type but a directory. Offsets are any u64. */
export interface FileHandle extends OpenHandle {
  readonly type: Exclude<DescriptorType, "directory">;
  /** Undefined: it has positions, and is never waited for. */
  readonly stream: FileStream | undefined;
  /** Puts up to `max` bytes from `offset` into `Machine.buffer`, from its start; returns their number, 0 at the end. */
  read(max: number, offset: bigint): number | IoError;
  /** As `read`, into `bytes` (which may be a guest's whole memory) from `start`, up to `end`. */
  readInto(bytes: Uint8Array, start: number, end: number, offset: bigint): number | IoError;
  /**
   * Writes `bytes` from `start` to `end` at an offset; `"end"`: appended, whatever others append. Returns how many were written, at
   * least 1 where there were any.
   */
  write(bytes: Uint8Array, start: number, end: number, offset: bigint | "end"): number | IoError;
  setSize(size: bigint): FileErrorCode | undefined;
  advise(offset: bigint, length: bigint, advice: Advice): FileErrorCode | undefined;
}

export interface OpenOptions {
  /** Whether a symbolic link at the end of the path is followed; if not, it is `loop`. */
  readonly follow: boolean;
  readonly read: boolean;
  readonly write: boolean;
  readonly create: boolean;
  readonly exclusive: boolean;
  readonly truncate: boolean;
}

/** A name as the machine stores it: bytes, UTF-8 by custom. */
export interface DirectoryEntry {
  readonly name: Uint8Array;
  readonly type: DescriptorType;
}

/**
 * An open directory, and the limit of what is reached through it: every path is relative to it and resolved beneath it, by
 * the kernel and at once, so that no `..`, no absolute path and no symbolic link, swapped meanwhile or not, leads out; what
 * would is `not-permitted`. Links of /proc that lead to open files (magic links) are not followed: `loop`.
 */
export interface DirectoryHandle extends OpenHandle {
  readonly type: "directory";
  /** Nothing is linked or renamed into it: that is `read-only`. */
  readonly readOnly?: true;
  /** A fifo that is opened for writing, and that nobody reads, is `no-such-device`. */
  openAt(path: string, options: OpenOptions): FileHandle | DirectoryHandle | FileErrorCode;
  /** Everything in it but `.` and `..`, in the machine's order. */
  entries(): readonly DirectoryEntry[] | FileErrorCode;
  statAt(path: string, follow: boolean): FileStat | FileErrorCode;
  setTimesAt(path: string, follow: boolean, accessed: NewTimestamp, modified: NewTimestamp): FileErrorCode | undefined;
  createDirectoryAt(path: string): FileErrorCode | undefined;
  removeDirectoryAt(path: string): FileErrorCode | undefined;
  unlinkFileAt(path: string): FileErrorCode | undefined;
  /** The link's text, bytes. */
  readlinkAt(path: string): Uint8Array | FileErrorCode;
  /** @param target The link's text, which is no absolute path. */
  symlinkAt(target: string, path: string): FileErrorCode | undefined;
  /** A hard link to `path` itself, even if that is a symbolic link. `directory` is of the same machine. */
  linkAt(path: string, directory: DirectoryHandle, newPath: string): FileErrorCode | undefined;
  renameAt(path: string, directory: DirectoryHandle, newPath: string): FileErrorCode | undefined;
}

export interface Files {
  /** Opens a directory of the machine by any path, with the process's own authority. */
  openDirectory(path: string): DirectoryHandle | IoError;
}
