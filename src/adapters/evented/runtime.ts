/**
 * What the evented machine asks of a runtime: its own sockets, each told of by callbacks. The machine's part (ready set, queues,
 * limits, WASI's error codes) is the same for all.
 *
 * A runtime calls the events whenever it likes, within the call that it answers too, and never again after `close`.
 */

import type { IpAddressFamily, IpSocketAddress } from "../../machine/address.ts";
import type { ErrorCode } from "../../machine/error-code.ts";

/** What is kept of one stream in each direction before its sender has to wait, bytes. */
export const STREAM_LIMIT = 65536;

/** What is kept of one UDP socket in each direction, with one for each datagram, bytes: Linux's default. */
export const DATAGRAM_LIMIT = 212992;

/** A connection of the runtime, half-open when one side has ended. */
export interface Stream {
  readonly localAddress: IpSocketAddress;
  readonly remoteAddress: IpSocketAddress;
  /** Whether `write` takes nothing until `drained` was called. */
  readonly full: boolean;
  /** Takes bytes, copying what it cannot send at once; returns how many. Fewer than all: it is full now, or has failed. */
  write(bytes: Uint8Array): number;
  /** Lets `received` be called: it must not be before, nor after it has answered false until this is called again. */
  resume(): void;
  /** shutdown(2) for sending, after what was written. */
  shutdown(): void;
  /** @param idle How long without traffic until the first probe, ns. */
  setKeepAlive(enabled: boolean, idle: number): void;
  /** Lets go of it; what was written still goes out: resolves when it has, or cannot any more. Undefined: it has. */
  close(): Promise<void> | undefined;
  /** Lets go of it with a reset, where the runtime can: of what is closed, and not out, too. */
  reset(): void;
}

export interface StreamEvents {
  /** Connected. */
  opened(stream: Stream): void;
  /** The bytes are the machine's from then on. False: it has enough, until `resume`. */
  received(bytes: Uint8Array): boolean;
  /** The peer has shut down its side. */
  ended(): void;
  /** A full stream is no longer. */
  drained(): void;
  /** The connect has failed, or the connection is dead; undefined: without a reason that matters. */
  failed(error: ErrorCode | undefined): void;
}

/** A bound socket of the runtime. */
export interface Listener {
  readonly localAddress: IpSocketAddress;
  /** Lets `accepted` be called. Where the runtime cannot bind without listening, peers may have connected before. */
  listen(backlog: number): ErrorCode | undefined;
  /** Its port is free when this returns, or for the `listen` that follows. */
  close(): void;
}

export interface ListenerEvents {
  opened(listener: Listener): void;
  failed(error: ErrorCode): void;
  /** A new connection, whose events go to what this answers, `opened` first; undefined: it must be closed. */
  accepted(): StreamEvents | undefined;
}

/** A bound UDP socket of the runtime. */
export interface Datagrams {
  readonly localAddress: IpSocketAddress;
  /** Copies what it cannot send at once. `would-block`: `drained` will be called. */
  send(bytes: Uint8Array, to: IpSocketAddress): ErrorCode | undefined;
  /** @param hops 1..255 */
  setHopLimit(hops: number): ErrorCode | undefined;
  /** Bytes, as asked for: the kernel's doubling is hidden. */
  getBufferSize(of: "receive" | "send"): number | ErrorCode;
  setBufferSize(of: "receive" | "send", size: number): ErrorCode | undefined;
  /** As Stream.close. */
  close(): Promise<void> | undefined;
}

export interface DatagramEvents {
  opened(datagrams: Datagrams): void;
  /** The bytes are the machine's from then on. */
  received(bytes: Uint8Array, sender: IpSocketAddress): void;
  drained(): void;
  /** The bind has failed, or an earlier send has. */
  failed(error: ErrorCode): void;
}

/** The process's stdin, as one guest has it. */
export interface Stdin {
  /** The next piece; undefined: its end. One at a time. */
  read(): Promise<Uint8Array | undefined>;
  /** Gives up the read under way: what it would have got is the next reader's, and a program that reads no more may end. */
  close(): void;
}

export interface EventedRuntime {
  /** See Machine. */
  readonly lacks?: string | undefined;
  /** How many look-ups the runtime makes at once, for the whole program; the others wait. */
  readonly lookups: number;
  bind(address: IpSocketAddress, events: ListenerEvents): void;
  /**
   * Returns what gives the connect up while it is under way.
   *
   * @param local Where to bind first; only where `bindsBeforeConnect`
   */
  connect(remote: IpSocketAddress, local: IpSocketAddress | undefined, events: StreamEvents): () => void;
  readonly bindsBeforeConnect: boolean;
  /** Whether the idle time of `setKeepAlive` means anything to it. */
  readonly setsKeepAliveIdle: boolean;
  /** Whether the buffer sizes of UDP sockets can be set and read. */
  readonly setsUdpBuffers: boolean;
  openDatagrams(family: IpAddressFamily, address: IpSocketAddress, events: DatagramEvents): void;
  readonly stdin: Stdin;
  /** Writes some of the bytes at once and returns how many; throws what write(2) fails of, with its `code`. */
  writeSync(fd: 1 | 2, bytes: Uint8Array): number;
  isTerminal(fd: 0 | 1 | 2): boolean;
}
