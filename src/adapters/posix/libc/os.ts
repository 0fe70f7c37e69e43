import type { Ffi } from "./ffi.ts";
import type { FileErrors } from "./file-errno.ts";
import type { Syscalls } from "./syscalls.ts";

/** What differs from one operating system to the next: numbers, layouts, and how its libc is called. */
export interface Os {
  readonly constants: Constants;
  /** struct sockaddr begins with one byte of length and one of family (BSD), instead of two of family. */
  readonly sockaddrHasLength: boolean;
  /** getsockopt(SO_RCVBUF) answers this many times what setsockopt was given (socket(7)). */
  readonly bufferSizeFactor: number;
  /** Offset of `ai_addr` in struct addrinfo. */
  readonly addrinfoAddress: number;
  /** File names of the C library; the first that can be loaded is taken. */
  readonly libraries: readonly string[];
  readonly errno: ErrnoTable;
  readonly fileErrors: FileErrors;
  open(ffi: Ffi): Syscalls;
}

export interface Constants {
  readonly AF_UNSPEC: number;
  readonly AF_UNIX: number;
  readonly AF_INET: number;
  readonly AF_INET6: number;
  readonly SOCK_STREAM: number;
  readonly SOCK_DGRAM: number;
  readonly SOL_SOCKET: number;
  readonly SO_REUSEADDR: number;
  readonly SO_TYPE: number;
  readonly SO_ERROR: number;
  readonly SO_LINGER: number;
  readonly SO_SNDBUF: number;
  readonly SO_RCVBUF: number;
  readonly SO_KEEPALIVE: number;
  readonly SO_ACCEPTCONN: number;
  readonly IPPROTO_IP: number;
  readonly IPPROTO_TCP: number;
  readonly IPPROTO_IPV6: number;
  readonly IP_TTL: number;
  readonly IPV6_UNICAST_HOPS: number;
  readonly IPV6_V6ONLY: number;
  readonly TCP_NODELAY: number;
  readonly TCP_KEEPIDLE: number;
  readonly TCP_KEEPINTVL: number;
  readonly TCP_KEEPCNT: number;
  readonly SHUT_RD: number;
  readonly SHUT_WR: number;
  readonly CLOCK_REALTIME: number;
  readonly CLOCK_MONOTONIC: number;
  readonly CLOCK_PROCESS_CPUTIME_ID: number;
  readonly RLIMIT_NOFILE: number;
}

/** The errno values that Pollux tells apart; an errno that the OS does not have is -1, which no call answers. */
export interface ErrnoTable {
  readonly EPERM: number;
  readonly EINTR: number;
  readonly EBADF: number;
  readonly EAGAIN: number;
  readonly ENOMEM: number;
  readonly EACCES: number;
  readonly EINVAL: number;
  readonly ENFILE: number;
  readonly EMFILE: number;
  readonly EPIPE: number;
  readonly EDESTADDRREQ: number;
  readonly EMSGSIZE: number;
  readonly EPROTOTYPE: number;
  readonly ENOPROTOOPT: number;
  readonly EPROTONOSUPPORT: number;
  readonly ESOCKTNOSUPPORT: number;
  readonly EOPNOTSUPP: number;
  readonly EPFNOSUPPORT: number;
  readonly EAFNOSUPPORT: number;
  readonly EADDRINUSE: number;
  readonly EADDRNOTAVAIL: number;
  readonly ENETDOWN: number;
  readonly ENETUNREACH: number;
  readonly ENETRESET: number;
  readonly ECONNABORTED: number;
  readonly ECONNRESET: number;
  readonly ENOBUFS: number;
  readonly EISCONN: number;
  readonly ENOTCONN: number;
  readonly ETIMEDOUT: number;
  readonly ECONNREFUSED: number;
  readonly EHOSTDOWN: number;
  readonly EHOSTUNREACH: number;
  readonly EALREADY: number;
  readonly EINPROGRESS: number;
  readonly ENONET: number;
  readonly EPROTO: number;
}
