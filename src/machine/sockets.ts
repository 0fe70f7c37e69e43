import type { IpAddress, IpAddressFamily, IpSocketAddress } from "./address.ts";
import type { ErrorCode } from "./error-code.ts";
import type { IoError } from "./files.ts";
import type { Source } from "./selector.ts";
import type { ByteSink, ByteSource } from "./streams.ts";

export type ShutdownHow = "receive" | "send";

/**
 * The options of `wasi:sockets/tcp`, in their WIT units (ns for durations, bytes for sizes),
 * already clamped and checked by the core.
 */
export type TcpOption =
  | "keep-alive-enabled"
  | "keep-alive-idle-time"
  | "keep-alive-interval"
  | "keep-alive-count"
  | "hop-limit"
  | "receive-buffer-size"
  | "send-buffer-size";

/** A non-blocking TCP socket of the machine. The core's state machine decides what is called when. */
export interface TcpHandle extends ByteSource, ByteSink {
  readonly source: Source;
  /** The path of a listening AF_UNIX socket (unix(7)): empty if it has none, with an @ for the NUL of an abstract one. */
  readonly unixPath?: string;
  /** bind(2), with SO_REUSEADDR set before it (its failure ignored). `would-block`: as for connect. */
  bind(address: IpSocketAddress): ErrorCode | undefined;
  /** connect(2). `would-block`: under way; finished when the source is WRITABLE. */
  connect(address: IpSocketAddress): ErrorCode | undefined;
  /** The outcome of the bind or connect that was under way (SO_ERROR); undefined: it has succeeded. */
  outcome(): ErrorCode | undefined;
  listen(backlog: number): ErrorCode | undefined;
  /** accept4(2). Errors a pending connection died of are `connection-aborted`. */
  accept(): TcpHandle | ErrorCode;
  shutdown(how: ShutdownHow): ErrorCode | undefined;
  localAddress(): IpSocketAddress | ErrorCode;
  remoteAddress(): IpSocketAddress | ErrorCode;
  /** Booleans are 0 and 1. Buffer sizes are what was asked for: the kernel's doubling is hidden. */
  getOption(option: TcpOption): number | ErrorCode;
  setOption(option: TcpOption, value: number): ErrorCode | undefined;
  close(): void;
  /** Closes it with a reset (SO_LINGER 0), where the machine can. Of one that `Poll` knows nothing of. */
  reset(): void;
}

/** The options of `wasi:sockets/udp`, as `TcpOption`. */
export type UdpOption = "unicast-hop-limit" | "receive-buffer-size" | "send-buffer-size";

/** A non-blocking UDP socket of the machine. */
export interface UdpHandle {
  readonly source: Source;
  /** bind(2), without SO_REUSEADDR. `would-block`: under way; finished when the source is WRITABLE. */
  bind(address: IpSocketAddress): ErrorCode | undefined;
  /** The outcome of a bind that was under way; undefined: bound. */
  outcome(): ErrorCode | undefined;
  /** connect(2) to a new peer, also when it has one; undefined: dissolves the association (AF_UNSPEC). */
  connect(peer: IpSocketAddress | undefined): ErrorCode | undefined;
  /**
   * Puts one datagram at the start of `Machine.buffer` and returns its length, which may be
   * 0; `sender` is then its sender's address.
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

/** A look-up under way. */
export interface LookupHandle {
  /** READABLE once the answer is in, from then on. */
  readonly source: Source;
  /** `would-block` until the answer is in; then the addresses in the resolver's order, each once, or what went wrong. */
  addresses(): readonly IpAddress[] | ErrorCode;
  /** Forgets the look-up; its answer, if it still comes, is dropped. */
  close(): void;
}

export interface Net {
  /** socket(2), non-blocking and close-on-exec; IPv6 sockets are v6-only. */
  createTcpSocket(family: IpAddressFamily): TcpHandle | ErrorCode;
  createUdpSocket(family: IpAddressFamily): UdpHandle | ErrorCode;
  /**
   * A listening TCP socket that the process was started with, by its fd, or a stream one of AF_UNIX; `invalid-argument`: that is
   * none.
   */
  adoptListener(fd: number): TcpHandle | ErrorCode;
  /**
   * A listening stream socket of AF_UNIX at this path, of at most 103 bytes; its file has the mode that the umask leaves, and is
   * removed when the socket is closed. A socket's file that nobody listens on makes room for it. Absent: the machine cannot.
   */
  listenUnix?(path: string, backlog: number): TcpHandle | ErrorCode | IoError;
  /**
   * From now on the sockets that listen are these, by their fds, which another process made (`createTcpSocket`) and holds too:
   * they outlive this one. Absent: the machine cannot.
   */
  inheritListeners?(fds: readonly number[]): void;
  /**
   * getaddrinfo(3) of a name, for stream sockets, beside whatever else the program does; IPv4-mapped answers are given as IPv4.
   */
  lookup(name: string): LookupHandle | ErrorCode;
}
