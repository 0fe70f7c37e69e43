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
  /** New, or a bind failed. */
  | { readonly tag: "unbound" }
  /** Has a local address, or is getting one. */
  | { readonly tag: "bound" }
  /** Sends to and receives from one peer. Its address is as the machine returns it: an IPv6 one may lack scope and flow. */
  | { readonly tag: "connected"; readonly peer: IpSocketAddress };

const unbound: State = { tag: "unbound" };
const bound: State = { tag: "bound" };

/**
 * A UDP socket with its states, for all versions of WASI:
 *
 * | call          | unbound          | bound                | connected                                                       |
 * |---------------|------------------|----------------------|-----------------------------------------------------------------|
 * | bind          | bind(2) -> bound | invalid-state        | invalid-state                                                   |
 * | connect       | invalid-state    | connect(2) -> connected | connect(2) -> connected; on error bound if the peer is lost |
 * | disconnect    | invalid-state    | ok                   | -> bound                                                        |
 * | localAddress  | invalid-state    | getsockname          | getsockname                                                     |
 * | remoteAddress | invalid-state    | invalid-state        | the peer                                                        |
 * | receive       | invalid-state    | recvmsg(2)           | recvmsg(2), from the peer                                       |
 *
 * In 0.3 an unbound socket is bound by its first connect or send (`bindImplicitly`). `readiness` is pending while a bind is under
 * way. Otherwise it holds. No call waits, except `ended`.
 */
export class UdpSocket {
  readonly family: IpAddressFamily;
  readonly readiness = Condition.ready();
  readonly #cx: SocketContext;
  readonly #handle: UdpHandle;
  #state: State = unbound;
  /** The address of the last bind. */
  #wanted: IpSocketAddress | undefined;
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
    if (typeof handle === "string") return handle;
    cx.socketObserver?.made();
    return new UdpSocket(cx, family, handle);
  }

  /** Begins a bind. If bind(2) fails at once, the error is returned, and the socket stays unbound. */
  bind(address: IpSocketAddress): ErrorCode | undefined {
    if (this.#state.tag !== "unbound") return "invalid-state";
    if (!matchesFamily(address, this.family)) return "invalid-argument";
    if (!this.#cx.policy.allows(address, "udp-bind")) return "access-denied";
    return this.#bind(address);
  }

  /** Begins to bind an unbound socket to an address of the system's choice. That needs no permission of the policy. */
  bindImplicitly(): ErrorCode | undefined {
    return this.isBound ? undefined : this.#bind(unspecifiedAddress(this.family));
  }

  #bind(address: IpSocketAddress): ErrorCode | undefined {
    const error = this.#handle.bind(address);
    if (error === "would-block") this.readiness.watch(this.#handle.source, WRITABLE);
    else if (error !== undefined) return this.#observed(error, address);
    this.#wanted = address;
    this.#state = bound;
    return undefined;
  }

  /** Tells of an address that is in use. Returns the error. */
  #observed(error: ErrorCode, address: IpSocketAddress | undefined): ErrorCode {
    if (error === "address-in-use" && address !== undefined) this.#cx.socketObserver?.addressInUse(address);
    return error;
  }

  /** Whether a bind is under way. */
  get binding(): boolean {
    return this.readiness.kind !== READY;
  }

  /** Returns how the bind ended: undefined if bound, an error if unbound; `would-block` if it is under way. */
  outcome(): ErrorCode | undefined {
    if (!this.binding) return undefined;
    if (!this.#cx.poll.look(this.readiness)) return "would-block";
    const error = this.#handle.outcome();
    this.readiness.markReady();
    if (error === undefined) return undefined;
    this.#state = unbound;
    return this.#observed(error, this.#wanted);
  }

  /** Waits for the end of the last bind. Returns how it ended. */
  ended(): Blocking<ErrorCode | undefined> {
    return retried(() => this.outcome(), this.readiness);
  }

  get isBound(): boolean {
    return this.#state.tag !== "unbound";
  }

  /** The peer of a connected socket. */
  get peer(): IpSocketAddress | undefined {
    return this.#state.tag === "connected" ? this.#state.peer : undefined;
  }

  connect(peer: IpSocketAddress): ErrorCode | undefined {
    return this.#state.tag === "unbound" ? "invalid-state" : (this.refusal(peer) ?? this.#associate(peer));
  }

  /** Returns why the machine is not asked to connect to the peer; undefined if it is. */
  refusal(peer: IpSocketAddress): ErrorCode | undefined {
    if (!isRemote(peer) || !matchesFamily(peer, this.family)) return "invalid-argument";
    const { policy } = this.#cx;
    return policy.allows(peer, "udp-send") || policy.allows(peer, "udp-receive") ? undefined : "access-denied";
  }

  disconnect(): ErrorCode | undefined {
    if (this.#state.tag === "unbound") return "invalid-state";
    return this.#state.tag === "connected" ? this.#associate(undefined) : undefined;
  }

  /** Connects or disconnects. Whether that succeeds or fails, the machine is asked for the current peer. */
  #associate(peer: IpSocketAddress | undefined): ErrorCode | undefined {
    const error = this.#handle.connect(peer);
    const remote = this.#handle.remoteAddress();
    this.#state = typeof remote === "string" ? bound : { tag: "connected", peer: remote };
    return error;
  }

  /** Returns the next datagram that the guest may get; would-block if there is none. */
  receive(): ReceivedDatagram | ErrorCode {
    return this.isBound ? nextDatagram(this.#cx, this.#handle, this.peer) : "invalid-state";
  }

  /** Holds when `receive` may return something. Only used by 0.3: the streams of 0.2 have their own conditions. */
  get receivable(): Condition {
    this.#receivable ??= Condition.source(this.#handle.source, READABLE);
    return this.#receivable;
  }

  /** Holds when there is room for a datagram. */
  get sendable(): Condition {
    this.#sendable ??= Condition.source(this.#handle.source, WRITABLE);
    return this.#sendable;
  }

  /** Returns a stream of incoming datagrams: from the current peer, if there is one. */
  receiver(): DatagramReceiver {
    return new DatagramReceiver(this.#cx, this.#handle, this.peer);
  }

  /** Returns a stream of outgoing datagrams: to the current peer, if there is one. */
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
