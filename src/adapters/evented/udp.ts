import {
  type ErrorCode,
  type IpAddressFamily,
  type IpSocketAddress,
  READABLE,
  type UdpHandle,
  type UdpOption,
  WRITABLE,
} from "../contract.ts";
import { formatSocketAddress, ipOf, socketAddressOf, unspecifiedAddress } from "../ip.ts";
import type { Context } from "./context.ts";
import type { DatagramEvents, Datagrams } from "./runtime.ts";
import type { EventedSource } from "./selector.ts";

/** Runtimes cannot be told to stop receiving: beyond this many bytes datagrams are dropped, as a kernel does (Linux's default). */
const RECEIVE_LIMIT = 212992;

/** The largest payload: 65535 less the headers (IPv6's does not count there). */
const MAX_PAYLOAD = { ipv4: 65507, ipv6: 65527 } as const;

interface Received {
  readonly bytes: Uint8Array;
  readonly sender: IpSocketAddress;
}

/**
 * A UDP socket over a runtime's. Runtimes connect theirs when they make it or not at all, so the association with a peer is
 * kept here: others' datagrams are dropped, and what ICMP says of an earlier one is not heard.
 */
export class EventedUdpSocket implements UdpHandle, DatagramEvents {
  readonly source: EventedSource;
  readonly #cx: Context;
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
  /** What was set: no runtime reads it back. */
  #hopLimit: number | undefined;

  constructor(cx: Context, family: IpAddressFamily) {
    this.#cx = cx;
    this.#family = family;
    this.source = cx.selector.open();
    cx.sockets.add(this);
    this.#update();
  }

  #update(): void {
    const readable = this.#queue.length > 0;
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
    this.#update();
  }

  received(bytes: Uint8Array, sender: IpSocketAddress): void {
    if (this.#closed || !this.#isPeer(sender) || this.#queued + bytes.length > RECEIVE_LIMIT) return;
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

  failed(error: ErrorCode): void {
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

  /** Without scope and flow, as runtimes tell those of senders. */
  remoteAddress(): IpSocketAddress | ErrorCode {
    return this.#peer === undefined ? "invalid-state" : socketAddressOf(ipOf(this.#peer), this.#peer.val.port);
  }

  /** Runtimes set options of bound sockets only. */
  getOption(option: UdpOption): number | ErrorCode {
    if (this.#datagrams === undefined) return "not-supported";
    switch (option) {
      case "unicast-hop-limit":
        return this.#hopLimit ?? "not-supported";
      case "receive-buffer-size":
        return this.#datagrams.getBufferSize("receive");
      case "send-buffer-size":
        return this.#datagrams.getBufferSize("send");
    }
  }

  setOption(option: UdpOption, value: number): ErrorCode | undefined {
    if (this.#datagrams === undefined) return "not-supported";
    switch (option) {
      case "unicast-hop-limit": {
        const error = this.#datagrams.setHopLimit(value);
        if (error === undefined) this.#hopLimit = value;
        return error;
      }
      case "receive-buffer-size":
        return this.#datagrams.setBufferSize("receive", value);
      case "send-buffer-size":
        return this.#datagrams.setBufferSize("send", value);
    }
  }

  close(): void {
    this.#cx.sockets.delete(this);
    this.#closed = true;
    this.#datagrams?.close();
  }
}
