import type { IpAddress, IpAddressFamily, IpSocketAddress } from "./address.ts";
import type { ErrorCode } from "./error-code.ts";
import type { IoError } from "./files.ts";
import type { Source } from "./selector.ts";
import type { ByteSink, ByteSource } from "./streams.ts";

export type ShutdownHow = "receive" | "send";

/**
 * The options of `wasi:sockets/tcp`. Values are in WIT's units (ns for durations, bytes for sizes), already clamped and
 * checked by the core.
 */
export type TcpOption =
  | "keep-alive-enabled"
  | "keep-alive-idle-time"
  | "keep-alive-interval"
  | "keep-alive-count"
  | "hop-limit"
  | "receive-buffer-size"
  | "send-buffer-size";

/** A non-blocking TCP socket of the machine. The core's state machine decides which call comes when. */
export interface TcpHandle extends ByteSource, ByteSink {
  readonly source: Source;
  /**
   * The path of a listening AF_UNIX socket (unix(7)): empty if it has none; the NUL of an abstract name is shown as @.
   */
  readonly unixPath?: string;
  /** bind(2), after setting SO_REUSEADDR (a failure of that is ignored). `would-block`: as for connect. */
  bind(address: IpSocketAddress): ErrorCode | undefined;
  /** connect(2). `would-block`: in progress; it is over when the source is WRITABLE. */
  connect(address: IpSocketAddress): ErrorCode | undefined;
  /** Returns the outcome of the bind or connect that was in progress (SO_ERROR); undefined if it succeeded. */
  outcome(): ErrorCode | undefined;
  listen(backlog: number): ErrorCode | undefined;
  /** accept4(2). The error of a pending connection that failed in the queue is `connection-aborted`. */
  accept(): TcpHandle | ErrorCode;
  shutdown(how: ShutdownHow): ErrorCode | undefined;
  localAddress(): IpSocketAddress | ErrorCode;
  remoteAddress(): IpSocketAddress | ErrorCode;
  /** Booleans are 0 and 1. Buffer sizes are those that were set: the kernel's doubling is hidden. */
  getOption(option: TcpOption): number | ErrorCode;
  setOption(option: TcpOption, value: number): ErrorCode | undefined;
  close(): void;
  /** Closes the socket with a reset (SO_LINGER 0), if the machine can. Only for a socket that `Poll` does not know. */
  reset(): void;
}

/** The options of `wasi:sockets/udp`, as `TcpOption`. */
export type UdpOption = "unicast-hop-limit" | "receive-buffer-size" | "send-buffer-size";

/** A non-blocking UDP socket of the machine. */
export interface UdpHandle {
  readonly source: Source;
  /** bind(2), without SO_REUSEADDR. `would-block`: in progress; it is over when the source is WRITABLE. */
  bind(address: IpSocketAddress): ErrorCode | undefined;
  /** Returns the outcome of a bind that was in progress; undefined if it succeeded. */
  outcome(): ErrorCode | undefined;
  /** connect(2) to a peer, also to a new one; undefined dissolves the association (AF_UNSPEC). */
  connect(peer: IpSocketAddress | undefined): ErrorCode | undefined;
  /**
   * Receives one datagram into the start of `Machine.buffer` and returns its length, which may be 0. `sender` then
   * returns its sender's address.
   */
  receive(): number | ErrorCode;
  sender(): IpSocketAddress;
  /** Sends one datagram, of at most 65535 bytes, to `to`, or to the peer. */
  send(bytes: Uint8Array, to: IpSocketAddress | undefined): ErrorCode | undefined;
  localAddress(): IpSocketAddress | ErrorCode;
  remoteAddress(): IpSocketAddress | ErrorCode;
  getOption(option: UdpOption): number | ErrorCode;
  setOption(option: UdpOption, value: number): ErrorCode | undefined;
  close(): void;
}

/** A name look-up. */
export interface LookupHandle {
  /** READABLE from when the answer is in. */
  readonly source: Source;
  /**
   * Returns `would-block` until the answer is in; then the addresses in the resolver's order, each once, or the
   * failure.
   */
  addresses(): readonly IpAddress[] | ErrorCode;
  /** Forgets the look-up; a later answer is dropped. */
  close(): void;
}

export interface Net {
  /** socket(2), non-blocking and close-on-exec; IPv6 sockets are v6-only. */
  createTcpSocket(family: IpAddressFamily): TcpHandle | ErrorCode;
  createUdpSocket(family: IpAddressFamily): UdpHandle | ErrorCode;
  /**
   * Wraps a listening TCP or AF_UNIX stream socket that the process inherited, by its fd. Fails with `invalid-argument`
   * if that is none.
   */
  adoptListener(fd: number): TcpHandle | ErrorCode;
  /**
   * Listens on an AF_UNIX stream socket at this path, of at most 103 bytes. The socket's file gets the mode that the
   * umask leaves, and is removed when the socket is closed. It replaces the file of a socket that is no longer listened
   * on. Undefined if the machine cannot.
   */
  listenUnix?(path: string, backlog: number): TcpHandle | ErrorCode | IoError;
  /**
   * Makes listening sockets use these fds from now on. Another process made them (`createTcpSocket`) and holds them
   * too: they outlive this process. Undefined if the machine cannot.
   */
  inheritListeners?(fds: readonly number[]): void;
  /**
   * getaddrinfo(3) of a name, for stream sockets, without blocking the program. IPv4-mapped addresses are returned as
   * IPv4.
   */
  lookup(name: string): LookupHandle | ErrorCode;
}
