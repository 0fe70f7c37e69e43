import type { ErrorCode } from "../../../machine/error-code.ts";
import type { FileErrorCode, IoError } from "../../../machine/files.ts";

/**
 * `errno` of wasi_snapshot_preview1 (typenames.witx), complete. The order of the witx is the numbering.
 *
 * Inside this layer a function returns a count or a negated errno, as a Linux system call does.
 */
export const errno = {
  ESUCCESS: 0,
  E2BIG: 1,
  EACCES: 2,
  EADDRINUSE: 3,
  EADDRNOTAVAIL: 4,
  EAFNOSUPPORT: 5,
  EAGAIN: 6,
  EALREADY: 7,
  EBADF: 8,
  EBADMSG: 9,
  EBUSY: 10,
  ECANCELED: 11,
  ECHILD: 12,
  ECONNABORTED: 13,
  ECONNREFUSED: 14,
  ECONNRESET: 15,
  EDEADLK: 16,
  EDESTADDRREQ: 17,
  EDOM: 18,
  EDQUOT: 19,
  EEXIST: 20,
  EFAULT: 21,
  EFBIG: 22,
  EHOSTUNREACH: 23,
  EIDRM: 24,
  EILSEQ: 25,
  EINPROGRESS: 26,
  EINTR: 27,
  EINVAL: 28,
  EIO: 29,
  EISCONN: 30,
  EISDIR: 31,
  ELOOP: 32,
  EMFILE: 33,
  EMLINK: 34,
  EMSGSIZE: 35,
  EMULTIHOP: 36,
  ENAMETOOLONG: 37,
  ENETDOWN: 38,
  ENETRESET: 39,
  ENETUNREACH: 40,
  ENFILE: 41,
  ENOBUFS: 42,
  ENODEV: 43,
  ENOENT: 44,
  ENOEXEC: 45,
  ENOLCK: 46,
  ENOLINK: 47,
  ENOMEM: 48,
  ENOMSG: 49,
  ENOPROTOOPT: 50,
  ENOSPC: 51,
  ENOSYS: 52,
  ENOTCONN: 53,
  ENOTDIR: 54,
  ENOTEMPTY: 55,
  ENOTRECOVERABLE: 56,
  ENOTSOCK: 57,
  ENOTSUP: 58,
  ENOTTY: 59,
  ENXIO: 60,
  EOVERFLOW: 61,
  EOWNERDEAD: 62,
  EPERM: 63,
  EPIPE: 64,
  EPROTO: 65,
  EPROTONOSUPPORT: 66,
  EPROTOTYPE: 67,
  ERANGE: 68,
  EROFS: 69,
  ESPIPE: 70,
  ESRCH: 71,
  ESTALE: 72,
  ETIMEDOUT: 73,
  ETXTBSY: 74,
  EXDEV: 75,
  ENOTCAPABLE: 76,
} as const;

/**
 * The errno of each failure of the machine. EISCONN and ENOTCONN are both invalid-state there; only ENOTCONN can reach
 * a guest.
 */
const ofCode: Readonly<Record<ErrorCode | "broken-pipe", number>> = {
  unknown: errno.EIO,
  "access-denied": errno.EACCES,
  "not-supported": errno.ENOTSUP,
  "invalid-argument": errno.EINVAL,
  "out-of-memory": errno.ENOMEM,
  timeout: errno.ETIMEDOUT,
  "concurrency-conflict": errno.EALREADY,
  "not-in-progress": errno.EINVAL,
  "would-block": errno.EAGAIN,
  "invalid-state": errno.ENOTCONN,
  "new-socket-limit": errno.EMFILE,
  "address-not-bindable": errno.EADDRNOTAVAIL,
  "address-in-use": errno.EADDRINUSE,
  "remote-unreachable": errno.EHOSTUNREACH,
  "connection-refused": errno.ECONNREFUSED,
  "connection-reset": errno.ECONNRESET,
  "connection-aborted": errno.ECONNABORTED,
  "datagram-too-large": errno.EMSGSIZE,
  "name-unresolvable": errno.EIO,
  "temporary-resolver-failure": errno.EIO,
  "permanent-resolver-failure": errno.EIO,
  "broken-pipe": errno.EPIPE,
};

const ofFileCode: Readonly<Record<FileErrorCode, number>> = {
  access: errno.EACCES,
  "would-block": errno.EAGAIN,
  already: errno.EALREADY,
  "bad-descriptor": errno.EBADF,
  busy: errno.EBUSY,
  deadlock: errno.EDEADLK,
  quota: errno.EDQUOT,
  exist: errno.EEXIST,
  "file-too-large": errno.EFBIG,
  "illegal-byte-sequence": errno.EILSEQ,
  "in-progress": errno.EINPROGRESS,
  interrupted: errno.EINTR,
  invalid: errno.EINVAL,
  io: errno.EIO,
  "is-directory": errno.EISDIR,
  loop: errno.ELOOP,
  "too-many-links": errno.EMLINK,
  "message-size": errno.EMSGSIZE,
  "name-too-long": errno.ENAMETOOLONG,
  "no-device": errno.ENODEV,
  "no-entry": errno.ENOENT,
  "no-lock": errno.ENOLCK,
  "insufficient-memory": errno.ENOMEM,
  "insufficient-space": errno.ENOSPC,
  "not-directory": errno.ENOTDIR,
  "not-empty": errno.ENOTEMPTY,
  "not-recoverable": errno.ENOTRECOVERABLE,
  unsupported: errno.ENOTSUP,
  "no-tty": errno.ENOTTY,
  "no-such-device": errno.ENXIO,
  overflow: errno.EOVERFLOW,
  "not-permitted": errno.EPERM,
  pipe: errno.EPIPE,
  "read-only": errno.EROFS,
  "invalid-seek": errno.ESPIPE,
  "text-file-busy": errno.ETXTBSY,
  "cross-device": errno.EXDEV,
  "file-limit": errno.EMFILE,
};

/** Returns the count that the machine returned, or its failure as a negated errno. */
export function orErrno(result: number | ErrorCode | IoError | "broken-pipe"): number {
  if (typeof result === "number") return result;
  return -(typeof result === "string" ? ofCode[result] : ofFileCode[result.code]);
}

/** Returns the errno of a file's failure, or ESUCCESS for none. */
export function fileErrno(failure: FileErrorCode | undefined): number {
  return failure === undefined ? errno.ESUCCESS : ofFileCode[failure];
}

/** Returns the count, or the file's failure as a negated errno. */
export function orFileErrno(result: number | FileErrorCode): number {
  return typeof result === "number" ? result : -ofFileCode[result];
}
