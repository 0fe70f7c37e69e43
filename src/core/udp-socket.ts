import {
  type ErrorCode,
  type IpAddressFamily,
  type IpSocketAddress,
  type UdpHandle,
  type UdpOption,
  WRITABLE,
} from "../adapters/contract.ts";
import { isRemote, matchesFamily } from "./address.ts";
import { Condition, READY } from "./condition.ts";
import { IncomingDatagramStream, OutgoingDatagramStream } from "./datagram-streams.ts";
import { Trap } from "./errors.ts";
import type { Blocking } from "./poll.ts";
import { Pollable } from "./pollable.ts";
import { Resource } from "./resource.ts";
import type { SocketContext } from "./socket-context.ts";
import { clamp, optionRules } from "./socket-options.ts";

type State =
  /** Fresh, or a bind failed. */
  | { readonly tag: "unbound" }
  /** Has a local address; `binding`: finish-bind has not been called. */
  | { readonly tag: "bound"; readonly binding: boolean }
  /** Sends to and receives from one peer, as the machine has its address: of an IPv6 one it may drop scope and flow. */
  | { readonly tag: "connected"; readonly peer: IpSocketAddress };

/**
 * `wasi:sockets/udp.udp-socket`, with wasmtime's state machine (crates/wasi/src/p2/udp.rs):
 *
 * | call           | unbound          | bound                      | connected                  |
 * |----------------|------------------|----------------------------|----------------------------|
 * | start-bind     | bind(2) -> bound | invalid-state (conflict while binding; invalid-state with streams alive) | invalid-state |
 * | finish-bind    | not-in-progress  | ok once; where bind(2) takes time, would-block or its error -> unbound | not-in-progress |
 * | stream(some)   | invalid-state    | connect(2) -> connected    | connect(2) -> connected; its error -> bound, where that has cost the old peer |
 * | stream(none)   | invalid-state    | ok                         | disconnects -> bound       |
 * | local-address  | invalid-state    | getsockname                | getsockname                |
 * | remote-address | invalid-state    | invalid-state              | the peer                   |
 *
 * The socket itself is always ready, but for a bind under way. No call waits.
 */
export class UdpSocket extends Resource {
  readonly family: IpAddressFamily;
  readonly #cx: SocketContext;
  readonly #handle: UdpHandle;
  readonly #readiness = Condition.ready();
  #state: State = { tag: "unbound" };
  #streams: readonly DatagramStream[] = [];

  constructor(cx: SocketContext, family: IpAddressFamily, handle: UdpHandle) {
    super();
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

  startBind(address: IpSocketAddress): ErrorCode | undefined {
    if (this.#state.tag === "bound" && this.#state.binding) return "concurrency-conflict";
    if (this.#state.tag !== "unbound" || this.#streaming) return "invalid-state";
    if (!matchesFamily(address, this.family)) return "invalid-argument";
    if (!this.#cx.policy.allows(address, "udp-bind")) return "access-denied";
    const error = this.#handle.bind(address);
    if (error === "would-block") this.#readiness.watch(this.#handle.source, WRITABLE);
    else if (error !== undefined) return error;
    this.#state = { tag: "bound", binding: true };
    return undefined;
  }

  /** start-bind where bind(2) may take time: guests ask for the address right after it, and do not expect finish-bind to wait. */
  *blockingStartBind(address: IpSocketAddress): Blocking<ErrorCode | undefined> {
    const error = this.startBind(address);
    if (error !== undefined) return error;
    while (this.#readiness.kind !== READY) {
      yield this.#readiness;
      const failure = this.#bound();
      if (failure !== undefined) return failure;
    }
    return undefined;
  }

  finishBind(): ErrorCode | undefined {
    if (this.#state.tag !== "bound" || !this.#state.binding) return "not-in-progress";
    if (!this.#cx.poll.look(this.#readiness)) return "would-block";
    const error = this.#bound();
    if (error === undefined) this.#state = { tag: "bound", binding: false };
    return error;
  }

  /** How a bind that is over has ended. */
  #bound(): ErrorCode | undefined {
    const error = this.#readiness.kind === READY ? undefined : this.#handle.outcome();
    this.#readiness.settle();
    if (error !== undefined) this.#state = { tag: "unbound" };
    return error;
  }

  /** @throws Trap `UDP streams not dropped yet` while a stream of an earlier call lives */
  stream(peer: IpSocketAddress | undefined): readonly [IncomingDatagramStream, OutgoingDatagramStream] | ErrorCode {
    if (this.#streaming) throw new Trap("UDP streams not dropped yet");
    if (this.#state.tag === "unbound") return "invalid-state";
    const error = peer === undefined ? this.#disconnect() : this.#connect(peer);
    if (error !== undefined) return error;
    const { family } = this;
    const connected = this.#state.tag === "connected" ? this.#state.peer : undefined;
    const incoming = new IncomingDatagramStream(this.#cx, this.#handle, connected, this);
    const outgoing = new OutgoingDatagramStream(this.#cx, this.#handle, { family, peer: connected }, this);
    this.#streams = [incoming, outgoing];
    return [incoming, outgoing];
  }

  get #streaming(): boolean {
    return this.#streams.some((stream) => !stream.disposed);
  }

  #connect(peer: IpSocketAddress): ErrorCode | undefined {
    if (!isRemote(peer) || !matchesFamily(peer, this.family)) return "invalid-argument";
    const { policy } = this.#cx;
    if (!policy.allows(peer, "udp-send") && !policy.allows(peer, "udp-receive")) return "access-denied";
    return this.#associate(peer);
  }

  #disconnect(): ErrorCode | undefined {
    return this.#state.tag === "connected" ? this.#associate(undefined) : undefined;
  }

  /** Whether it succeeds or fails, the machine says what peer there is now. */
  #associate(peer: IpSocketAddress | undefined): ErrorCode | undefined {
    const binding = this.#state.tag === "bound" && this.#state.binding;
    const error = this.#handle.connect(peer);
    const remote = this.#handle.remoteAddress();
    this.#state = typeof remote === "string" ? { tag: "bound", binding } : { tag: "connected", peer: remote };
    return error;
  }

  localAddress(): IpSocketAddress | ErrorCode {
    return this.#state.tag === "unbound" ? "invalid-state" : this.#handle.localAddress();
  }

  remoteAddress(): IpSocketAddress | ErrorCode {
    return this.#state.tag === "connected" ? this.#state.peer : "invalid-state";
  }

  getOption(option: UdpOption): number | ErrorCode {
    return this.#handle.getOption(option);
  }

  setOption(option: UdpOption, value: number): ErrorCode | undefined {
    if (value === 0) return "invalid-argument";
    return this.#handle.setOption(option, clamp(value, optionRules[option]));
  }

  subscribe(): Pollable {
    return new Pollable(this.#readiness, this.#cx.poll.now(), this);
  }

  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.#cx.poll.close(this.#handle);
  }
}

type DatagramStream = IncomingDatagramStream | OutgoingDatagramStream;
