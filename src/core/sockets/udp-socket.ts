import type { IpAddressFamily, IpSocketAddress } from "../../machine/address.ts";
import type { ErrorCode } from "../../machine/error-code.ts";
import { unspecifiedAddress } from "../../machine/ip.ts";
import { READABLE, WRITABLE } from "../../machine/selector.ts";
import type { UdpHandle, UdpOption } from "../../machine/sockets.ts";
import { isRemote, matchesFamily } from "../addresses/address.ts";
import { Condition, READY } from "../wait/condition.ts";
import { type Blocking, retried } from "../wait/poll.ts";
import { DatagramReceiver, DatagramSender, nextDatagram, type ReceivedDatagram } from "./datagrams.ts";
import type { SocketContext } from "./socket-context.ts";
import { clamp, optionRules } from "./socket-options.ts";

type State =
  /** Fresh, or a bind failed. */
  | { readonly tag: "unbound" }
  /** Has a local address, or is getting one. */
  | { readonly tag: "bound" }
  /** Sends to and receives from one peer, as the machine has its address: of an IPv6 one it may drop scope and flow. */
  | { readonly tag: "connected"; readonly peer: IpSocketAddress };

const unbound: State = { tag: "unbound" };
const bound: State = { tag: "bound" };

/**
 * A UDP socket with its states, which every version of WASI shares:
 *
 * | call          | unbound          | bound                | connected                                                       |
 * |---------------|------------------|----------------------|-----------------------------------------------------------------|
 * | bind          | bind(2) -> bound | invalid-state        | invalid-state                                                   |
 * | connect       | invalid-state    | connect(2) -> connected | connect(2) -> connected; its error -> bound, where that has cost the old peer |
 * | disconnect    | invalid-state    | ok                   | -> bound                                                        |
 * | localAddress  | invalid-state    | getsockname          | getsockname                                                     |
 * | remoteAddress | invalid-state    | invalid-state        | the peer                                                        |
 * | receive       | invalid-state    | recvmsg(2)           | recvmsg(2), of the peer                                         |
 *
 * In 0.3 a socket that is not bound is so when it first connects or sends (`bindImplicitly`). `readiness` holds always, but while
 * a bind is under way. No call waits, but `ended`.
 */
export class UdpSocket {
  readonly family: IpAddressFamily;
  readonly readiness = Condition.ready();
  readonly #cx: SocketContext;
  readonly #handle: UdpHandle;
  #state: State = unbound;
  #receivable: Condition | undefined;
  #sendable: Condition | undefined;

  constructor(cx: SocketContext, family: IpAddressFamily, handle: UdpHandle) {
    this.#cx = cx;
    this.family = family;
    this.#handle = handle;
    cx.poll.opened(handle);
  }

  static create(cx: SocketContext, family: IpAddressFamily): UdpSocket | ErrorCode {
    if (!cx.policy.udp) return "access-denied";
    const handle = cx.machine.net.createUdpSocket(family);
    return typeof handle === "string" ? handle : new UdpSocket(cx, family, handle);
  }

  /** Begins. A failure that bind(2) tells at once is returned, and leaves the socket unbound. */
  bind(address: IpSocketAddress): ErrorCode | undefined {
    if (this.#state.tag !== "unbound") return "invalid-state";
    if (!matchesFamily(address, this.family)) return "invalid-argument";
    if (!this.#cx.policy.allows(address, "udp-bind")) return "access-denied";
    return this.#bind(address);
  }

  /** Begins to bind a socket that is not, to an address of the system's choice: that asks no policy. */
  bindImplicitly(): ErrorCode | undefined {
    return this.isBound ? undefined : this.#bind(unspecifiedAddress(this.family));
  }

  #bind(address: IpSocketAddress): ErrorCode | undefined {
    const error = this.#handle.bind(address);
    if (error === "would-block") this.readiness.watch(this.#handle.source, WRITABLE);
    else if (error !== undefined) return error;
    this.#state = bound;
    return undefined;
  }

  /** Whether a bind is under way that takes time. */
  get binding(): boolean {
    return this.readiness.kind !== READY;
  }

  /** How the bind that was begun has ended: undefined, bound; `would-block`: it has not; else it is unbound. */
  outcome(): ErrorCode | undefined {
    if (!this.binding) return undefined;
    if (!this.#cx.poll.look(this.readiness)) return "would-block";
    const error = this.#handle.outcome();
    this.readiness.markReady();
    if (error !== undefined) this.#state = unbound;
    return error;
  }

  /** Waits for the end of the bind that was begun last. Returns how it has ended. */
  ended(): Blocking<ErrorCode | undefined> {
    return retried(() => this.outcome(), this.readiness);
  }

  get isBound(): boolean {
    return this.#state.tag !== "unbound";
  }

  /** Undefined: it has none. */
  get peer(): IpSocketAddress | undefined {
    return this.#state.tag === "connected" ? this.#state.peer : undefined;
  }

  connect(peer: IpSocketAddress): ErrorCode | undefined {
    return this.#state.tag === "unbound" ? "invalid-state" : (this.refusal(peer) ?? this.#associate(peer));
  }

  /** Why the machine is not asked to connect to it; undefined: it is. */
  refusal(peer: IpSocketAddress): ErrorCode | undefined {
    if (!isRemote(peer) || !matchesFamily(peer, this.family)) return "invalid-argument";
    const { policy } = this.#cx;
    return policy.allows(peer, "udp-send") || policy.allows(peer, "udp-receive") ? undefined : "access-denied";
  }

  disconnect(): ErrorCode | undefined {
    if (this.#state.tag === "unbound") return "invalid-state";
    return this.#state.tag === "connected" ? this.#associate(undefined) : undefined;
  }

  /** Whether it succeeds or fails, the machine says what peer there is now. */
  #associate(peer: IpSocketAddress | undefined): ErrorCode | undefined {
    const error = this.#handle.connect(peer);
    const remote = this.#handle.remoteAddress();
    this.#state = typeof remote === "string" ? bound : { tag: "connected", peer: remote };
    return error;
  }

  /** The next datagram that the guest is to hear of; would-block: none is there. */
  receive(): ReceivedDatagram | ErrorCode {
    return this.isBound ? nextDatagram(this.#cx, this.#handle, this.peer) : "invalid-state";
  }

  /** Holds when `receive` may have something to return. Only 0.3 asks: 0.2 has conditions of its streams. */
  get receivable(): Condition {
    this.#receivable ??= Condition.source(this.#handle.source, READABLE);
    return this.#receivable;
  }

  /** Holds when there is room for a datagram to be sent. */
  get sendable(): Condition {
    this.#sendable ??= Condition.source(this.#handle.source, WRITABLE);
    return this.#sendable;
  }

  /** A stream of incoming datagrams: from the current peer, if there is one. */
  receiver(): DatagramReceiver {
    return new DatagramReceiver(this.#cx, this.#handle, this.peer);
  }

  /** A stream of outgoing datagrams: to the current peer, if there is one. */
  sender(): DatagramSender {
    return new DatagramSender(this.#cx, this.#handle, { family: this.family, peer: this.peer });
  }

  localAddress(): IpSocketAddress | ErrorCode {
    return this.#state.tag === "unbound" ? "invalid-state" : this.#handle.localAddress();
  }

  remoteAddress(): IpSocketAddress | ErrorCode {
    return this.peer ?? "invalid-state";
  }

  getOption(option: UdpOption): number | ErrorCode {
    return this.#handle.getOption(option);
  }

  setOption(option: UdpOption, value: number): ErrorCode | undefined {
    if (value === 0) return "invalid-argument";
    return this.#handle.setOption(option, clamp(value, optionRules[option]));
  }

  close(): void {
    this.#cx.poll.close(this.#handle);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
