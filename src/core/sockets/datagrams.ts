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

/** The longest datagram, bytes. */
const MAX_DATAGRAM = 65535;

/** The datagrams that come in at a socket, of those that its guest is to hear of. */
export class DatagramReceiver {
  /** Holds while there is one to take. */
  readonly readiness = Condition.ready();
  readonly #cx: SocketContext;
  readonly #handle: UdpHandle;
  /** With a peer, what others sent is dropped here too: it may have been queued before the connect. */
  readonly #peer: IpSocketAddress | undefined;
  /** Without one, what comes from those whom the policy does not let in. */
  readonly #screens: boolean;
  readonly #ahead: Lookahead<ReceivedDatagram>;

  constructor(cx: SocketContext, handle: UdpHandle, peer: IpSocketAddress | undefined) {
    this.#cx = cx;
    this.#handle = handle;
    this.#peer = peer;
    this.#screens = peer === undefined && cx.policy.screensReceive;
    this.#ahead = new Lookahead(this.readiness, handle.source, () => this.#next());
    this.#ahead.watch(peer !== undefined || this.#screens);
  }

  /** The next one. */
  take(): ReceivedDatagram | ErrorCode {
    return this.#ahead.take();
  }

  #next(): ReceivedDatagram | ErrorCode {
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

/** The datagrams that go out of a socket, to where its guest may send. */
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

  /** WRITABLE when there is room for one. */
  get source(): Source {
    return this.#handle.source;
  }

  /** @param remoteAddress Undefined: the peer. `would-block`: no room; may be tried again. */
  send(data: Uint8Array, remoteAddress: IpSocketAddress | undefined): ErrorCode | undefined {
    if (data.length > MAX_DATAGRAM) return "datagram-too-large";
    const to = this.#destination(remoteAddress);
    if (to === "invalid-argument") return to;
    const target = to ?? this.#peer;
    if (target === undefined) return "invalid-argument";
    if (!this.#cx.policy.allows(target, "udp-send")) return "access-denied";
    return this.#handle.send(data, to);
  }

  /** Where to: undefined, the peer of a connected socket, which an equal address names too. */
  #destination(address: IpSocketAddress | undefined): IpSocketAddress | undefined | "invalid-argument" {
    if (address === undefined) return undefined;
    if (!isRemote(address) || !matchesFamily(address, this.#family)) return "invalid-argument";
    if (this.#peer === undefined) return address;
    return isSame(address, this.#peer) ? undefined : "invalid-argument";
  }
}
