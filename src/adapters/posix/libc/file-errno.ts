import type { FileErrorCode } from "../../../machine/files.ts";

/** The one table from errno to `wasi:filesystem/types.error-code`: the code, errno on Linux, errno on macOS. */
const rows: readonly (readonly [FileErrorCode, number, number])[] = [
  ["access", 13, 13], // EACCES
  ["would-block", 11, 35], // EAGAIN
  ["already", 114, 37], // EALREADY
  ["bad-descriptor", 9, 9], // EBADF
  ["busy", 16, 16], // EBUSY
  ["deadlock", 35, 11], // EDEADLK
  ["quota", 122, 69], // EDQUOT
  ["exist", 17, 17], // EEXIST
  ["file-too-large", 27, 27], // EFBIG
  ["illegal-byte-sequence", 84, 92], // EILSEQ
  ["in-progress", 115, 36], // EINPROGRESS
  ["interrupted", 4, 4], // EINTR
  ["invalid", 22, 22], // EINVAL
  ["io", 5, 5], // EIO
  ["is-directory", 21, 21], // EISDIR
  ["loop", 40, 62], // ELOOP
  ["too-many-links", 31, 31], // EMLINK
  ["message-size", 90, 40], // EMSGSIZE
  ["name-too-long", 36, 63], // ENAMETOOLONG
  ["no-device", 19, 19], // ENODEV
  ["no-entry", 2, 2], // ENOENT
  ["no-lock", 37, 77], // ENOLCK
  ["insufficient-memory", 12, 12], // ENOMEM
  ["insufficient-memory", 105, 55], // ENOBUFS
  ["file-limit", 23, 23], // ENFILE
  ["file-limit", 24, 24], // EMFILE
  ["insufficient-space", 28, 28], // ENOSPC
  ["not-directory", 20, 20], // ENOTDIR
  ["not-empty", 39, 66], // ENOTEMPTY
  ["not-recoverable", 131, 104], // ENOTRECOVERABLE
  ["unsupported", 95, 45], // ENOTSUP
  ["unsupported", 38, 78], // ENOSYS
  ["no-tty", 25, 25], // ENOTTY
  ["no-such-device", 6, 6], // ENXIO
  ["overflow", 75, 84], // EOVERFLOW
  ["not-permitted", 1, 1], // EPERM
  ["pipe", 32, 32], // EPIPE
  ["read-only", 30, 30], // EROFS
  ["invalid-seek", 29, 29], // ESPIPE
  ["text-file-busy", 26, 26], // ETXTBSY
  ["cross-device", 18, 18], // EXDEV
];

/** Returns the code that an errno of an OS stands for, with a file; undefined: it has none. */
export type FileErrors = (errno: number) => FileErrorCode | undefined;

export const linuxFileErrors: FileErrors = (errno) => rows.find((row) => row[1] === errno)?.[0];
export const macosFileErrors: FileErrors = (errno) => rows.find((row) => row[2] === errno)?.[0];
