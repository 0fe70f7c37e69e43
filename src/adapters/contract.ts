/**
 * What the core asks of a machine.
 *
 * A backend (posix over FFI, or a runtime's own sockets) implements `Machine`. The rules that hold for all of them:
 *
 * - Nothing here waits, except `Selector.select` with a timeout above zero. What cannot be done now answers `would-block`.
 * - A failure that WASI has a code for is a value, an `ErrorCode` (mapped from errno in one table); everything else a backend
 *   throws is a bug. A result and an `ErrorCode` share a return type and are told apart by `typeof result === "string"`.
 * - Times are nanoseconds as JS numbers (exact up to 104 days), on the machine's monotonic clock; `Infinity` is "never".
 * - Sizes are bytes.
 */

import type { Files, IoError } from "./files-contract.ts";
import type { StartHttpThread } from "./http-contract.ts";

/** The cases of `wasi:sockets/network.error-code`, in the order of its WIT. */
export const errorCodes = [
  "unknown",
  "access-denied",
  "not-supported",
  "invalid-argument",
  "out-of-memory",
  "timeout",
  "concurrency-conflict",
  "not-in-progress",
  "would-block",
  "invalid-state",
  "new-socket-limit",
  "address-not-bindable",
  "address-in-use",
  "remote-unreachable",
  "connection-refused",
  "connection-reset",
  "connection-aborted",
  "datagram-too-large",
  "name-unresolvable",
  "temporary-resolver-failure",
  "permanent-resolver-failure",
] as const;

export type ErrorCode = (typeof errorCodes)[number];

export type IpAddressFamily = "ipv4" | "ipv6";

/** `wasi:sockets/network.ip-socket-address`: ports and the eight groups of an IPv6 address are host-order numbers. */
export type IpSocketAddress =
  | { readonly tag: "ipv4"; readonly val: Ipv4SocketAddress }
  | { readonly tag: "ipv6"; readonly val: Ipv6SocketAddress };

export interface Ipv4SocketAddress {
  readonly port: number;
  /** Four octets, 0..255, most significant first. */
  readonly address: readonly number[];
}

export interface Ipv6SocketAddress {
  readonly port: number;
  readonly flowInfo: number;
  /** Eight groups, 0..65535, most significant first. */
  readonly address: readonly number[];
  readonly scopeId: number;
}

/** `wasi:sockets/network.ip-address`: four octets, or eight 16-bit groups, most significant first. */
export type IpAddress =
  | { readonly tag: "ipv4"; readonly val: readonly number[] }
  | { readonly tag: "ipv6"; readonly val: readonly number[] };

/** Bits of an interest and of an event. A hang-up or an error of a source sets every bit that was asked for. */
export const READABLE = 1;
export const WRITABLE = 2;
/** Of an event only: the connection is over in both directions, or broken. Where a backend cannot tell, it is never set. */
export const HUNG_UP = 4;

/**
 * One thing that a machine can report ready: a file descriptor, or a socket of the runtime.
 *
 * The backend makes it and never touches the fields below `unasked`; the core's registry keeps its books in them, so that a poll
 * over thousands of sources allocates nothing and looks nothing up.
 */
export class Source {
  /** What the backend knows it by: the fd, for posix. */
  readonly id: number;
  /** Something else holds it too, perhaps another process: closing it here does not end it. The backend's to say. */
  shared = false;
  /** To be called when it was reported and nobody waits for it: what a backend watches for itself. The backend's to say. */
  unasked: (() => void) | undefined = undefined;
  /** The interest the selector holds now; 0: none. */
  registered = 0;
  /** False once the selector has refused it (epoll's EPERM on a regular file): then it is always ready. */
  pollable = true;
  /** What the list that was declared under the number `declaration` wants of it, and the first of its entries that do. */
  declaration = 0;
  wanted = 0;
  first = -1;
  /** The events that the look numbered `look` saw, HUNG_UP among them. */
  look = 0;
  ready = 0;

  constructor(id: number) {
    this.id = id;
  }
}

/** The one mechanism that waits (epoll, poll(2)). Level-triggered: what stays ready is reported by every select. */
export interface Selector {
  /**
   * Makes `interest` (READABLE | WRITABLE bits; 0 removes) the whole interest in `source`. Answers false when the machine
   * cannot wait for such a source (a regular file), which is then always ready.
   */
  setInterest(source: Source, interest: number): boolean;
  /** Forgets a source that is about to be closed. Must come before its id can be used again. */
  forget(source: Source): void;
  /**
   * What of `interest` holds now in one source, registered or not, and perhaps HUNG_UP; as `select` would report it. It costs
   * and changes nothing of any other.
   */
  look(source: Source, interest: number): number;
  /**
   * Reports all that is ready, waiting at most `timeout` ns for the first event: 0 looks without waiting, Infinity waits for
   * ever. Never returns early without an event, save that a signal may end the wait. Answers how many of `sources` and
   * `events`, which it may replace, it filled.
   */
  select(timeout: number): number;
  /** It must not be asked to wait: `select` takes 0 only. Absent: it can. */
  readonly looksOnly?: true;
  readonly sources: readonly Source[];
  readonly events: Uint8Array;
  close(): void;
}

/**
 * A selector beside a program's own event loop: it never holds the thread (`select` is only ever called with 0), it answers a
 * promise instead.
 */
export interface SuspendingSelector extends Selector {
  /**
   * Resolves, in a later task of the event loop, when `select(0)` may have something to report, when `timeout` ns have passed
   * (never early; Infinity: no limit), or at `wake`. At most one is pending. Keeps the program alive while it is.
   */
  wait(timeout: number): Promise<void>;
  /** Ends the pending wait, if there is one. */
  wake(): void;
}

/** Read halves and write halves of everything that carries bytes. */
export interface ByteSource {
  /** Undefined: never waited for (always ready). */
  readonly source: Source | undefined;
  /**
   * Puts 1..max bytes into `Machine.buffer`, from its start, where they stay until the machine is called again. `max` is at
   * most the buffer's size. Answers their number; 0 is the end of the stream.
   */
  receive(max: number): number | ErrorCode | IoError;
}

export interface ByteSink {
  readonly source: Source | undefined;
  /**
   * Hands over `bytes` from `start` to `end` (all of them unless given: a guest's whole memory may stand here),
   * answering how many were taken (at least 1), `would-block`, or a failure. `broken-pipe`: the peer is gone. The bytes
   * are the caller's again when this returns.
   */
  send(bytes: Uint8Array, start?: number, end?: number): number | ErrorCode | IoError | "broken-pipe";
}

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
   * Puts one datagram at the start of `Machine.buffer` and answers its length, which may be
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
  /** A listening TCP socket that the process was started with, by its fd; `invalid-argument`: that is none. */
  adoptListener(fd: number): TcpHandle | ErrorCode;
  /**
   * From now on the sockets that listen are these, by their fds, which another process made (`createTcpSocket`) and holds too:
   * they outlive this one. Absent: the machine cannot.
   */
  keepListeners?(fds: readonly number[]): void;
  /**
   * getaddrinfo(3) of a name, for stream sockets, beside whatever else the program does; IPv4-mapped answers are given as IPv4.
   */
  lookup(name: string): LookupHandle | ErrorCode;
}

export interface Stdio {
  readonly stdin: ByteSource;
  readonly stdout: ByteSink;
  readonly stderr: ByteSink;
  isTerminal(fd: 0 | 1 | 2): boolean;
}

/** Unix time. */
export interface WallClock {
  /** ns since 1970: more bits than a number has. */
  now(): bigint;
  /** What it counts in, ns. */
  readonly resolution: number;
}

export interface Machine {
  /** The transfer buffer that `receive` fills: 64 KiB. */
  readonly buffer: Uint8Array;
  /** Monotonic time, ns. Resolution 1 ns nominal. */
  now(): number;
  readonly wallClock: WallClock;
  readonly selector: Selector;
  readonly net: Net;
  readonly stdio: Stdio;
  readonly files: Files;
  /** Loads what outgoing HTTP needs. Undefined: the machine has none. */
  readonly loadHttp?: () => Promise<StartHttpThread>;
  /** What the runtime was not allowed, and how to allow it, where that may be why a guest's sockets fail. */
  readonly lacks?: string | undefined;
  /** Fills `bytes` from the machine's cryptographic generator. */
  fillRandom(bytes: Uint8Array): void;
  /** From now on this process is killed when the one that started it ends. Undefined: the machine cannot see to that. */
  readonly endWithParent?: (() => void) | undefined;
}

/** A machine for guests that are suspended while they wait. */
export interface SuspendingMachine extends Machine {
  readonly selector: SuspendingSelector;
  /**
   * Where what was sent may leave after the call has returned, even after its socket was closed: WRITABLE when it has left.
   * Before the process exits or the machine is closed somebody must wait for it, or it is lost.
   */
  readonly sent?: Source;
}
