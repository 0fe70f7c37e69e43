/**
 * The contract between the evented machine and a runtime: the runtime has its own sockets, and reports about each by
 * callbacks. The machine's part (ready set, queues, limits, WASI's error codes) is the same for all runtimes.
 *
 * A runtime may call the events at any time, even within the call that caused them, but never after `close`.
 */

import type { IpAddressFamily, IpSocketAddress } from "../../machine/address.ts";
import type { ErrorCode } from "../../machine/error-code.ts";

/** How much of a stream is kept in each direction before its sender has to wait, bytes. */
export const STREAM_LIMIT = 65536;

/** How much of a UDP socket is kept in each direction, plus one for each datagram, bytes: Linux's default. */
export const DATAGRAM_LIMIT = 212992;

/** A connection of the runtime, half-open when one side has ended. */
export interface Stream {
  readonly localAddress: IpSocketAddress;
  readonly remoteAddress: IpSocketAddress;
  /** Whether `write` takes nothing until `drained` is called. */
  readonly full: boolean;
  /**
   * Takes bytes and copies those that it cannot send at once. Returns how many; fewer than all if it is full now, or
   * has failed.
   */
  write(bytes: Uint8Array): number;
  /**
   * Allows calls of `received`: none may come before this call, or between a `received` that returned false and the
   * next call.
   */
  resume(): void;
  /** shutdown(2) for sending, after what was written. */
  shutdown(): void;
  /** @param idle the time without traffic until the first probe, ns */
  setKeepAlive(enabled: boolean, idle: number): void;
  /**
   * Closes the stream; what was written is still sent. Resolves when that has left, or cannot any more; undefined if it
   * already has.
   */
  close(): Promise<void> | undefined;
  /** Closes the stream with a reset, if the runtime can. Also discards what a closed stream has not sent yet. */
  reset(): void;
}

export interface StreamEvents {
  /** Connected. */
  opened(stream: Stream): void;
  /** The machine keeps the bytes. Returns false if it takes no more until `resume`. */
  received(bytes: Uint8Array): boolean;
  /** The peer has shut down its side. */
  ended(): void;
  /** A full stream takes bytes again. */
  drained(): void;
  /** The connect or the connection failed; undefined means without a reason that matters. */
  failed(error: ErrorCode | undefined): void;
}

/** A bound socket of the runtime. */
export interface RuntimeListener {
  readonly localAddress: IpSocketAddress;
  /** Allows calls of `accepted`. If the runtime cannot bind without listening, peers may have connected before. */
  listen(backlog: number): ErrorCode | undefined;
  /** The port is free when this returns, or by the next `listen`. */
  close(): void;
}

export interface ListenerEvents {
  opened(listener: RuntimeListener): void;
  failed(error: ErrorCode): void;
  /** Reports a new connection. Returns the receiver of its events, `opened` first; undefined if it must be closed. */
  accepted(): StreamEvents | undefined;
}

/** A bound UDP socket of the runtime. */
export interface Datagrams {
  readonly localAddress: IpSocketAddress;
  /** Copies what it cannot send at once. Returns `would-block` if full; `drained` follows. */
  send(bytes: Uint8Array, to: IpSocketAddress): ErrorCode | undefined;
  /** @param hops 1..255 */
  setHopLimit(hops: number): ErrorCode | undefined;
  /** Returns the size in bytes as it was set: the kernel's doubling is hidden. */
  getBufferSize(of: "receive" | "send"): number | ErrorCode;
  setBufferSize(of: "receive" | "send", size: number): ErrorCode | undefined;
  /** As `Stream.close`. */
  close(): Promise<void> | undefined;
}

export interface DatagramEvents {
  opened(datagrams: Datagrams): void;
  /** The machine keeps the bytes. */
  received(bytes: Uint8Array, sender: IpSocketAddress): void;
  drained(): void;
  /** The bind, or an earlier send, failed. */
  failed(error: ErrorCode): void;
}

/** The process's stdin for one guest. */
export interface RuntimeStdin {
  /** Resolves to the next piece; undefined at the end. Only one read at a time. */
  read(): Promise<Uint8Array | undefined>;
  /** Cancels the read in progress: its piece goes to the next reader, and the program may end. */
  close(): void;
}

export interface EventedRuntime {
  /** As `Machine.lacks`. */
  readonly lacks?: string | undefined;
  /** How many look-ups the runtime makes at once, for the whole program; the others wait. */
  readonly lookups: number;
  bind(address: IpSocketAddress, events: ListenerEvents): void;
  /**
   * Starts a connect. Returns a function that cancels it while it is in progress.
   *
   * @param local the address to bind first; only if `bindsBeforeConnect`
   */
  connect(remote: IpSocketAddress, local: IpSocketAddress | undefined, events: StreamEvents): () => void;
  readonly bindsBeforeConnect: boolean;
  /** Whether the runtime uses the idle time of `setKeepAlive`. */
  readonly setsKeepAliveIdle: boolean;
  /** Whether the buffer sizes of UDP sockets can be set and read. */
  readonly setsUdpBuffers: boolean;
  openDatagrams(family: IpAddressFamily, address: IpSocketAddress, events: DatagramEvents): void;
  readonly stdin: RuntimeStdin;
  /** Writes some of the bytes at once and returns how many. Throws write(2)'s failure, with its `code`. */
  writeSync(fd: 1 | 2, bytes: Uint8Array): number;
  isTerminal(fd: 0 | 1 | 2): boolean;
}
