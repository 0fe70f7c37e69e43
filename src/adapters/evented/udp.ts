import type { IpAddressFamily, IpSocketAddress } from "../../machine/address.ts";
import type { ErrorCode } from "../../machine/error-code.ts";
import { formatSocketAddress, ipOf, socketAddressOf, unspecifiedAddress } from "../../machine/ip.ts";
import { READABLE, WRITABLE } from "../../machine/selector.ts";
import type { UdpHandle, UdpOption } from "../../machine/sockets.ts";
import type { EventedContext } from "./context.ts";
import { DATAGRAM_LIMIT, type DatagramEvents, type Datagrams } from "./runtime.ts";
import type { EventedSource } from "./selector.ts";

/** The largest payload, bytes: 65535 less the headers (IPv6's is not counted). */
const MAX_PAYLOAD = { ipv4: 65507, ipv6: 65527 } as const;

/** The kernels' default (RFC 1700, and Linux's net.ipv4.ip_default_ttl). */
const DEFAULT_HOP_LIMIT = 64;

interface Received {
  readonly bytes: Uint8Array;
  readonly sender: IpSocketAddress;
}

/**
 * A UDP socket over the runtime's. Runtimes connect a socket when they make it or never, so the association with a peer
 * is kept here: datagrams of others are dropped, and ICMP errors for earlier datagrams are lost.
 */
export class EventedUdpSocket implements UdpHandle, DatagramEvents {
  readonly source: EventedSource;
  readonly #cx: EventedContext;
  readonly #family: IpAddressFamily;
  #datagrams: Datagrams | undefined;
  #binding = false;
  #closed = false;
  #peer: IpSocketAddress | undefined;
  #queue: Received[] = [];
  #queued = 0;
  #sender: IpSocketAddress | undefined;
  #full = false;
  #error: ErrorCode | undefined;
  /** The options that were set: applied when there is a runtime's socket. No runtime can read the hop limit back. */
  readonly #options = new Map<UdpOption, number>();

  constructor(cx: EventedContext, family: IpAddressFamily) {
    this.#cx = cx;
    this.#family = family;
    this.source = cx.selector.open();
    cx.sockets.add(this);
    this.#update();
  }

  #update(): void {
    const readable = this.#queue.length > 0 || this.#error === "connection-refused";
    const writable = !this.#binding && !this.#full;
    this.#cx.selector.update(this.source, (readable ? READABLE : 0) | (writable ? WRITABLE : 0));
  }

  opened(datagrams: Datagrams): void {
    if (this.#closed) {
      datagrams.close();
      return;
    }
    this.#datagrams = datagrams;
    this.#binding = false;
    for (const [option, value] of this.#options) this.#error ??= this.#apply(option, value);
    this.#update();
  }

  received(bytes: Uint8Array, sender: IpSocketAddress): void {
    // Runtimes cannot stop receiving: excess datagrams are dropped, as kernels do.
    if (this.#closed || !this.#isPeer(sender) || this.#queued + bytes.length > DATAGRAM_LIMIT) return;
    this.#queue.push({ bytes, sender });
    this.#queued += bytes.length + 1;
    this.#update();
  }

  #isPeer(sender: IpSocketAddress): boolean {
    return this.#peer === undefined || formatSocketAddress(sender) === formatSocketAddress(this.#peer);
  }

  drained(): void {
    this.#full = false;
    this.#update();
  }

  /** Only a socket with a peer learns of a closed port (ICMP). */
  failed(error: ErrorCode): void {
    if (error === "connection-refused" && this.#peer === undefined) return;
    this.#error = error;
    this.#binding = false;
    this.#full = false;
    this.#update();
  }

  bind(address: IpSocketAddress): ErrorCode | undefined {
    if (address.tag !== this.#family || this.#datagrams !== undefined) return "invalid-argument";
    this.#binding = true;
    this.#cx.runtime.openDatagrams(this.#family, address, this);
    this.#update();
    return this.#binding ? "would-block" : this.outcome();
  }

  outcome(): ErrorCode | undefined {
    return this.#takeError();
  }

  #takeError(): ErrorCode | undefined {
    const error = this.#error;
    this.#error = undefined;
    return error;
  }

  connect(peer: IpSocketAddress | undefined): ErrorCode | undefined {
    if (peer !== undefined && peer.tag !== this.#family) return "invalid-argument";
    this.#peer = peer;
    this.#queue = this.#queue.filter(({ sender }) => this.#isPeer(sender));
    this.#queued = this.#queue.reduce((sum, { bytes }) => sum + bytes.length + 1, 0);
    this.#update();
    return undefined;
  }

  receive(): number | ErrorCode {
    if (this.#error === "connection-refused") {
      this.#takeError();
      this.#update();
      return "connection-refused";
    }
    const next = this.#queue.shift();
    if (next === undefined) return "would-block";
    this.#queued -= next.bytes.length + 1;
    this.#cx.buffer.set(next.bytes);
    this.#sender = next.sender;
    if (this.#queue.length === 0) this.#update();
    return next.bytes.length;
  }

  sender(): IpSocketAddress {
    if (this.#sender === undefined) throw new Error("no datagram was received yet");
    return this.#sender;
  }

  send(bytes: Uint8Array, to: IpSocketAddress | undefined): ErrorCode | undefined {
    const error = this.#takeError();
    if (error !== undefined) return error;
    const target = to ?? this.#peer;
    if (this.#datagrams === undefined || target === undefined) return "invalid-state";
    if (target.tag !== this.#family) return "invalid-argument";
    if (bytes.length > MAX_PAYLOAD[this.#family]) return "datagram-too-large";
    if (this.#full) return "would-block";
    const result = this.#datagrams.send(bytes, target);
    if (result === "would-block") {
      this.#full = true;
      this.#update();
    }
    return result;
  }

  localAddress(): IpSocketAddress | ErrorCode {
    if (this.#binding) return "invalid-state";
    return this.#datagrams?.localAddress ?? unspecifiedAddress(this.#family);
  }

  /** Without scope and flow, as runtimes report the addresses of senders. */
  remoteAddress(): IpSocketAddress | ErrorCode {
    return this.#peer === undefined ? "invalid-state" : socketAddressOf(ipOf(this.#peer), this.#peer.val.port);
  }

  getOption(option: UdpOption): number | ErrorCode {
    const set = this.#options.get(option);
    if (option === "unicast-hop-limit") return set ?? DEFAULT_HOP_LIMIT;
    if (this.#datagrams === undefined) return set ?? "not-supported";
    return this.#datagrams.getBufferSize(option === "receive-buffer-size" ? "receive" : "send");
  }

  /** Runtimes set options of bound sockets only; until then they are kept here. */
  setOption(option: UdpOption, value: number): ErrorCode | undefined {
    const error = this.#datagrams === undefined ? this.#unsupported(option) : this.#apply(option, value);
    if (error === undefined) this.#options.set(option, value);
    return error;
  }

  #unsupported(option: UdpOption): ErrorCode | undefined {
    return option === "unicast-hop-limit" || this.#cx.runtime.setsUdpBuffers ? undefined : "not-supported";
  }

  #apply(option: UdpOption, value: number): ErrorCode | undefined {
    if (option === "unicast-hop-limit") return this.#datagrams?.setHopLimit(value);
    return this.#datagrams?.setBufferSize(option === "receive-buffer-size" ? "receive" : "send", value);
  }

  close(): void {
    this.#cx.sockets.delete(this);
    this.#closed = true;
    this.#cx.pendingSends.add(this.#datagrams?.close());
  }
}
