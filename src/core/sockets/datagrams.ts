import type { IpAddressFamily, IpSocketAddress } from "../../machine/address.ts";
import type { ErrorCode } from "../../machine/error-code.ts";
import type { Source } from "../../machine/selector.ts";
import type { UdpHandle } from "../../machine/sockets.ts";
import { isRemote, isSame, matchesFamily } from "../addresses/address.ts";
import { Condition } from "../wait/condition.ts";
import { Lookahead } from "./lookahead.ts";
import type { SocketContext } from "./socket-context.ts";

/** A datagram with its sender. */
export interface ReceivedDatagram {
  readonly data: Uint8Array;
  readonly remoteAddress: IpSocketAddress;
}

/** The size of the longest datagram, bytes. */
const MAX_DATAGRAM = 65535;

/**
 * Receives the next datagram that a guest may get. With a peer: from that peer only, as others may have been queued before the
 * connect. Without one: from senders that the policy allows.
 */
export function nextDatagram(
  { machine, policy }: SocketContext,
  handle: UdpHandle,
  peer: IpSocketAddress | undefined,
): ReceivedDatagram | ErrorCode {
  const screens = peer === undefined && policy.screensReceive;
  for (;;) {
    const length = handle.receive();
    if (typeof length === "string") return length;
    const remoteAddress = handle.sender();
    if (peer !== undefined && !isSame(remoteAddress, peer)) continue;
    if (screens && !policy.allows(remoteAddress, "udp-receive")) continue;
    return { data: machine.buffer.slice(0, length), remoteAddress };
  }
}

/** The incoming datagrams of a socket that its guest may get. */
export class DatagramReceiver {
  /** Holds while there is one to take. */
  readonly readiness = Condition.ready();
  readonly #ahead: Lookahead<ReceivedDatagram>;

  constructor(cx: SocketContext, handle: UdpHandle, peer: IpSocketAddress | undefined) {
    this.#ahead = new Lookahead(this.readiness, handle.source, () => nextDatagram(cx, handle, peer));
    this.#ahead.watch(peer !== undefined || cx.policy.screensReceive);
  }

  /** Returns the next datagram. */
  take(): ReceivedDatagram | ErrorCode {
    return this.#ahead.take();
  }
}

/** The outgoing datagrams of a socket, to addresses where its guest may send. */
export class DatagramSender {
  readonly #cx: SocketContext;
  readonly #handle: UdpHandle;
  readonly #family: IpAddressFamily;
  readonly #peer: IpSocketAddress | undefined;

  constructor(
    cx: SocketContext,
    handle: UdpHandle,
    remote: { readonly family: IpAddressFamily; readonly peer: IpSocketAddress | undefined },
  ) {
    this.#cx = cx;
    this.#handle = handle;
    this.#family = remote.family;
    this.#peer = remote.peer;
  }

  /** WRITABLE when there is room for a datagram. */
  get source(): Source {
    return this.#handle.source;
  }

  /**
   * Sends a datagram.
   *
   * @param remoteAddress Undefined: the peer.
   * @returns `would-block` if there is no room: it may be tried again
   */
  send(data: Uint8Array, remoteAddress: IpSocketAddress | undefined): ErrorCode | undefined {
    const refusal = this.refusal(data, remoteAddress);
    if (refusal !== undefined) return refusal;
    return this.#handle.send(data, this.#peer === undefined ? remoteAddress : undefined);
  }

  /**
   * Returns why a datagram is not passed to the machine; undefined if it is. The peer of a connected socket may be named
   * explicitly.
   */
  refusal(data: Uint8Array, remoteAddress: IpSocketAddress | undefined): ErrorCode | undefined {
    if (data.length > MAX_DATAGRAM) return "datagram-too-large";
    const peer = this.#peer;
    const target = remoteAddress ?? peer;
    if (target === undefined || (target !== peer && !this.#reaches(target))) return "invalid-argument";
    return this.#cx.policy.allows(target, "udp-send") ? undefined : "access-denied";
  }

  #reaches(target: IpSocketAddress): boolean {
    if (!isRemote(target) || !matchesFamily(target, this.#family)) return false;
    return this.#peer === undefined || isSame(target, this.#peer);
  }
}
