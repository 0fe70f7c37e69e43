import type { ErrorCode, IpAddressFamily, IpSocketAddress, Source, UdpHandle } from "../adapters/contract.ts";
import { isRemote, isSame, matchesFamily } from "./address.ts";
import { Condition } from "./condition.ts";
import { Trap } from "./errors.ts";
import { Lookahead } from "./lookahead.ts";
import type { Blocking, Draining } from "./poll.ts";
import { Pollable } from "./pollable.ts";
import { Resource } from "./resource.ts";
import type { SocketContext } from "./socket-context.ts";
import type { Waiting } from "./waiting.ts";

/** `wasi:sockets/udp.incoming-datagram` */
export interface IncomingDatagram {
  readonly data: Uint8Array;
  readonly remoteAddress: IpSocketAddress;
}

/** `wasi:sockets/udp.outgoing-datagram` */
export interface OutgoingDatagram {
  readonly data: Uint8Array;
  readonly remoteAddress: IpSocketAddress | undefined;
}

/** The most datagrams that one receive answers, or one check-send permits. */
const MAX_DATAGRAMS = 16;

/** One receive stops when the datagrams and one byte for each come to this, bytes. */
const MAX_RECEIVE = 65536;

/** The longest datagram, bytes. */
const MAX_DATAGRAM = 65535;

/** `wasi:sockets/udp.incoming-datagram-stream` */
export class IncomingDatagramStream extends Resource {
  readonly #cx: SocketContext;
  readonly #handle: UdpHandle;
  /** With a peer, what others sent is dropped here too: it may have been queued before the connect. */
  readonly #peer: IpSocketAddress | undefined;
  /** Without one, what comes from those whom the policy does not let in. */
  readonly #screens: boolean;
  readonly #readiness = Condition.ready();
  readonly #ahead: Lookahead<IncomingDatagram>;

  constructor(cx: SocketContext, handle: UdpHandle, peer: IpSocketAddress | undefined, parent: Resource) {
    super(parent);
    this.#cx = cx;
    this.#handle = handle;
    this.#peer = peer;
    this.#screens = peer === undefined && cx.policy.screensReceive;
    this.#ahead = new Lookahead(this.#readiness, handle.source, () => this.#next());
    this.#ahead.watch(peer !== undefined || this.#screens);
  }

  /** Never would-block: nothing there is an empty list. An error is answered only where no datagram came before it. */
  receive(max: number): readonly IncomingDatagram[] | ErrorCode {
    const datagrams: IncomingDatagram[] = [];
    const limit = Math.min(max, MAX_DATAGRAMS);
    let sum = 0;
    while (datagrams.length < limit && sum < MAX_RECEIVE) {
      const next = this.#ahead.take();
      if (next === "would-block" || (typeof next === "string" && datagrams.length > 0)) break;
      if (typeof next === "string") return next;
      datagrams.push(next);
      sum += next.data.length + 1;
    }
    return datagrams;
  }

  subscribe(): Pollable {
    return new Pollable(this.#readiness, this.#cx.poll.now(), this);
  }

  #next(): IncomingDatagram | ErrorCode {
    for (;;) {
      const length = this.#handle.receive();
      if (typeof length === "string") return length;
      const remoteAddress = this.#handle.sender();
      if (this.#peer !== undefined && !isSame(remoteAddress, this.#peer)) continue;
      if (this.#screens && !this.#cx.policy.allows(remoteAddress, "udp-receive")) continue;
      return { data: this.#cx.machine.buffer.slice(0, length), remoteAddress };
    }
  }
}

/** `wasi:sockets/udp.outgoing-datagram-stream`. At most one accepted datagram waits for room in the machine's buffers. */
export class OutgoingDatagramStream extends Resource implements Draining {
  readonly #cx: SocketContext;
  readonly #handle: UdpHandle;
  readonly #family: IpAddressFamily;
  readonly #peer: IpSocketAddress | undefined;
  readonly #readiness = Condition.ready();
  #permit = 0;
  #pending: { readonly data: Uint8Array; readonly to: IpSocketAddress | undefined } | undefined;
  #pendingError: ErrorCode | undefined;

  constructor(
    cx: SocketContext,
    handle: UdpHandle,
    remote: { readonly family: IpAddressFamily; readonly peer: IpSocketAddress | undefined },
    parent: Resource,
  ) {
    super(parent);
    this.#cx = cx;
    this.#handle = handle;
    this.#family = remote.family;
    this.#peer = remote.peer;
  }

  get source(): Source {
    return this.#handle.source;
  }

  /** Answers how many datagrams the next send may have. */
  checkSend(): number {
    if (this.#pending !== undefined) this.#cx.poll.tryDrain(this);
    this.#permit = this.#pending === undefined ? MAX_DATAGRAMS : 0;
    return this.#permit;
  }

  /**
   * Answers how many were accepted; stops at the first that is not, whose error is answered if it was the first of all.
   *
   * @throws Trap without a permit for so many
   */
  send(datagrams: readonly OutgoingDatagram[]): number | ErrorCode {
    if (datagrams.length === 0) return 0;
    if (datagrams.length > this.#permit) throw new Trap("unpermitted: argument exceeds permitted size");
    this.#permit = 0;
    let accepted = 0;
    for (const datagram of datagrams) {
      const error = this.#sendOne(datagram);
      if (error !== undefined) return accepted > 0 ? accepted : error;
      accepted++;
      if (this.#pending !== undefined) break;
    }
    return accepted;
  }

  #sendOne({ data, remoteAddress }: OutgoingDatagram): ErrorCode | undefined {
    if (this.#pendingError !== undefined) {
      const error = this.#pendingError;
      this.#pendingError = undefined;
      return error;
    }
    if (data.length > MAX_DATAGRAM) return "datagram-too-large";
    const to = this.#destination(remoteAddress);
    if (to === "invalid-argument") return to;
    const target = to ?? this.#peer;
    if (target === undefined) return "invalid-argument";
    if (!this.#cx.policy.allows(target, "udp-send")) return "access-denied";
    const error = this.#handle.send(data, to);
    if (error !== "would-block") return error;
    this.#pending = { data: data.slice(), to };
    this.#cx.poll.addDraining(this, this.#readiness);
    return undefined;
  }

  /** Where to: undefined, the peer of a connected socket, which an equal address names too. */
  #destination(address: IpSocketAddress | undefined): IpSocketAddress | undefined | "invalid-argument" {
    if (address === undefined) return undefined;
    if (!isRemote(address) || !matchesFamily(address, this.#family)) return "invalid-argument";
    if (this.#peer === undefined) return address;
    return isSame(address, this.#peer) ? undefined : "invalid-argument";
  }

  drain(): boolean {
    if (this.#pending === undefined) return true;
    const error = this.#handle.send(this.#pending.data, this.#pending.to);
    if (error === "would-block") return false;
    this.#pending = undefined;
    this.#pendingError = error;
    this.#readiness.settle();
    return true;
  }

  subscribe(): Pollable {
    return new Pollable(this.#readiness, this.#cx.poll.now(), this);
  }

  /** Waits until the pending datagram is out. */
  override [Symbol.dispose](): Waiting<void> {
    super[Symbol.dispose]();
    return this.#cx.poll.run(this.#drained());
  }

  *#drained(): Blocking<void> {
    while (this.#pending !== undefined) yield this.#readiness;
  }
}
