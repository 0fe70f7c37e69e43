import type { codes } from "../../../machine/errno.ts";
import type { fileCodes } from "../../../machine/file-errno.ts";
import type { Ffi } from "./ffi.ts";
import type { Syscalls } from "./syscalls.ts";

/** The differences between operating systems: numbers, layouts, and how libc is called. */
export interface Os {
  readonly constants: Constants;
  /** Whether struct sockaddr begins with one byte of length and one of family (BSD), not with two of family. */
  readonly sockaddrHasLength: boolean;
  /** getsockopt(SO_RCVBUF) returns this many times the value that setsockopt set (socket(7)). */
  readonly bufferSizeFactor: number;
  /** The offset of `ai_addr` in struct addrinfo, bytes. */
  readonly addrinfoAddress: number;
  /** The file names of the C library; the first that can be loaded is used. */
  readonly libraries: readonly string[];
  readonly errno: ErrnoTable;
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

/** The errnos that Pollux distinguishes; one that the OS does not have is -1, which no call returns. */
export type ErrnoTable = Readonly<Record<keyof typeof codes | keyof typeof fileCodes | "ENETRESET" | "EPROTO", number>>;
