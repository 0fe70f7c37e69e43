import type { SocketContext } from "../../../core/sockets/socket-context.ts";
import { UdpSocket } from "../../../core/sockets/udp-socket.ts";
import { Trap } from "../../../core/wait/errors.ts";
import type { Blocking } from "../../../core/wait/poll.ts";
import type { IpAddressFamily, IpSocketAddress } from "../../../machine/address.ts";
import type { ErrorCode } from "../../../machine/error-code.ts";
import { Pollable } from "../io/pollable.ts";
import { WasiResource } from "../io/resource.ts";
import { IncomingDatagramStream, OutgoingDatagramStream } from "./datagram-streams.ts";

/**
 * `wasi:sockets/udp.udp-socket`: a UDP socket whose bind has two phases, with wasmtime's states
 * (crates/wasi/src/p2/udp.rs). The table at `UdpSocket` holds, and this one:
 *
 * | call         | unbound         | bound                                                    | connected       |
 * |--------------|-----------------|----------------------------------------------------------|-----------------|
 * | start-bind   | -> bound        | invalid-state; concurrency-conflict while binding        | invalid-state   |
 * | finish-bind  | not-in-progress | ok once; slow bind(2): would-block, or error -> unbound  | not-in-progress |
 * | stream(some) | invalid-state   | connects                                                 | connects        |
 * | stream(none) | invalid-state   | ok                                                       | disconnects     |
 *
 * The socket is always ready, except during a bind that takes time. No call waits.
 */
export class UdpSocketResource extends WasiResource {
  readonly socket: UdpSocket;
  readonly #cx: SocketContext;
  /** Whether start-bind was called, and finish-bind not yet. */
  #binding = false;
  #streams: readonly WasiResource[] = [];

  constructor(cx: SocketContext, socket: UdpSocket) {
    super();
    this.#cx = cx;
    this.socket = socket;
  }

  static create(cx: SocketContext, family: IpAddressFamily): UdpSocketResource | ErrorCode {
    const socket = UdpSocket.create(cx, family);
    return typeof socket === "string" ? socket : new UdpSocketResource(cx, socket);
  }

  startBind(address: IpSocketAddress): ErrorCode | undefined {
    if (this.#binding) return "concurrency-conflict";
    const error = this.socket.bind(address);
    if (error === undefined) this.#binding = true;
    return error;
  }

  /**
   * start-bind where bind(2) may take time: guests ask for the address right after it, and do not expect finish-bind to
   * wait.
   */
  *blockingStartBind(address: IpSocketAddress): Blocking<ErrorCode | undefined> {
    const error = this.startBind(address);
    if (error !== undefined) return error;
    const outcome = yield* this.socket.ended();
    if (outcome !== undefined) this.#binding = false;
    return outcome;
  }

  finishBind(): ErrorCode | undefined {
    if (!this.#binding) return "not-in-progress";
    const outcome = this.socket.outcome();
    if (outcome !== "would-block") this.#binding = false;
    return outcome;
  }

  /** Returns new streams. @throws Trap `UDP streams not dropped yet` while one of an earlier call is not dropped */
  stream(peer: IpSocketAddress | undefined): readonly [IncomingDatagramStream, OutgoingDatagramStream] | ErrorCode {
    if (this.#streams.some((stream) => !stream.disposed)) throw new Trap("UDP streams not dropped yet");
    const error = peer === undefined ? this.socket.disconnect() : this.socket.connect(peer);
    if (this.socket.peer !== undefined) this.#binding = false;
    if (error !== undefined) return error;
    const incoming = new IncomingDatagramStream(this.#cx, this.socket.receiver(), this);
    const outgoing = new OutgoingDatagramStream(this.#cx, this.socket.sender(), this);
    this.#streams = [incoming, outgoing];
    return [incoming, outgoing];
  }

  subscribe(): Pollable {
    return new Pollable(this.socket.readiness, this.#cx.poll.now(), this);
  }

  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.socket.close();
  }
}
