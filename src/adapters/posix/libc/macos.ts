import { createCommonCalls } from "./common-calls.ts";
import type { Ffi } from "./ffi.ts";
import type { Os } from "./os.ts";
import { type Functions, macosSymbols } from "./symbols.ts";
import { fdsOf, type Syscalls } from "./syscalls.ts";

// <fcntl.h>
const F_SETFD = 2;
const F_SETFL = 4;
const FD_CLOEXEC = 1;
const O_NONBLOCK = 4;

/**
 * macOS on x64 and arm64, from the headers of its SDK. UNTESTED: it has not been run yet. It waits with poll(2), having
 * no epoll; a kqueue selector would be the next step.
 * 45~: TCP_KEEPALIVE in its headers
 */
export const macos: Os = {
  sockaddrHasLength: true,
  bufferSizeFactor: 1,
  addrinfoAddress: 32,
  libraries: ["libSystem.B.dylib"],
  constants: {
    AF_UNSPEC: 0,
    AF_UNIX: 1,
    AF_INET: 2,
    AF_INET6: 30,
    SOCK_STREAM: 1,
    SOCK_DGRAM: 2,
    SOL_SOCKET: 0xffff,
    SO_REUSEADDR: 0x4,
    SO_TYPE: 0x1008,
    SO_ERROR: 0x1007,
    SO_LINGER: 0x80,
    SO_SNDBUF: 0x1001,
    SO_RCVBUF: 0x1002,
    SO_KEEPALIVE: 0x8,
    SO_ACCEPTCONN: 0x2,
    IPPROTO_IP: 0,
    IPPROTO_TCP: 6,
    IPPROTO_IPV6: 41,
    IP_TTL: 4,
    IPV6_UNICAST_HOPS: 4,
    IPV6_V6ONLY: 27,
    TCP_NODELAY: 1,
    TCP_KEEPIDLE: 0x10, // TCP_KEEPALIVE in its headers
    TCP_KEEPINTVL: 0x101,
    TCP_KEEPCNT: 0x102,
    SHUT_RD: 0,
    SHUT_WR: 1,
    CLOCK_REALTIME: 0,
    CLOCK_MONOTONIC: 6,
    CLOCK_PROCESS_CPUTIME_ID: 12,
    RLIMIT_NOFILE: 8,
  },
  errno: {
    ENONET: -1,
    EPERM: 1,
    ENOENT: 2,
    EINTR: 4,
    EIO: 5,
    ENXIO: 6,
    EBADF: 9,
    EDEADLK: 11,
    ENOMEM: 12,
    EACCES: 13,
    EBUSY: 16,
    EEXIST: 17,
    EXDEV: 18,
    ENODEV: 19,
    ENOTDIR: 20,
    EISDIR: 21,
    EINVAL: 22,
    ENFILE: 23,
    EMFILE: 24,
    ENOTTY: 25,
    ETXTBSY: 26,
    EFBIG: 27,
    ENOSPC: 28,
    ESPIPE: 29,
    EROFS: 30,
    EMLINK: 31,
    EPIPE: 32,
    EAGAIN: 35,
    EINPROGRESS: 36,
    EALREADY: 37,
    EDESTADDRREQ: 39,
    EMSGSIZE: 40,
    EPROTOTYPE: 41,
    ENOPROTOOPT: 42,
    EPROTONOSUPPORT: 43,
    ESOCKTNOSUPPORT: 44,
    ENOTSUP: 45,
    EPFNOSUPPORT: 46,
    EAFNOSUPPORT: 47,
    EADDRINUSE: 48,
    EADDRNOTAVAIL: 49,
    ENETDOWN: 50,
    ENETUNREACH: 51,
    ENETRESET: 52,
    ECONNABORTED: 53,
    ECONNRESET: 54,
    ENOBUFS: 55,
    EISCONN: 56,
    ENOTCONN: 57,
    ETIMEDOUT: 60,
    ECONNREFUSED: 61,
    ELOOP: 62,
    ENAMETOOLONG: 63,
    EHOSTDOWN: 64,
    EHOSTUNREACH: 65,
    ENOTEMPTY: 66,
    EDQUOT: 69,
    ENOLCK: 77,
    ENOSYS: 78,
    EOVERFLOW: 84,
    EILSEQ: 92,
    EPROTO: 100,
    EOPNOTSUPP: 102,
    ENOTRECOVERABLE: 104,
  },
  open: openMacos,
};

function openMacos(ffi: Ffi): Syscalls {
  const libc = ffi.open(macos.libraries, macosSymbols);
  const errno = new Int32Array(ffi.view(libc.__error(), 4));
  const common = createCommonCalls(ffi, libc, errno);
  const text = common.allocate(256);

  /**
   * Makes an fd non-blocking and close-on-exec: macOS has no SOCK_NONBLOCK and no accept4. Returns the fd, or a negated
   * errno.
   */
  function adopt(fd: number): number {
    const flagged = setFlag(libc, fd, F_SETFL, O_NONBLOCK) === -1 || setFlag(libc, fd, F_SETFD, FD_CLOEXEC) === -1;
    if (!flagged) return fd;
    const failure = -errno[0]!;
    common.close(fd);
    return failure;
  }

  return {
    ...common,
    pipe(fds) {
      const result = libc.pipe(fds.pointer);
      if (result === -1) return -errno[0]!;
      return Math.min(...fdsOf(fds).map(adopt), 0);
    },
    strerror(error) {
      libc.strerror_r(error, text.pointer, text.bytes.length);
      return new TextDecoder().decode(text.bytes.slice(0, text.bytes.indexOf(0)));
    },
    async loadSockets() {
      const { openMacosSockets } = await import("./macos-sockets.ts");
      return openMacosSockets(ffi, macos.libraries, errno, common, adopt);
    },
    epoll: undefined,
    endWithParent: undefined,
    handleOnce: undefined,
    isDefault: undefined,
    loadFiles: undefined,
  };
}

/** fcntl(2) is variadic: on arm64 it reads its third argument from the stack, where a plain call passes its ninth. */
function setFlag(libc: Functions<typeof macosSymbols>, fd: number, command: number, flag: number): number {
  return libc.fcntl(fd, command, flag, 0, 0, 0, 0, 0, flag);
}
