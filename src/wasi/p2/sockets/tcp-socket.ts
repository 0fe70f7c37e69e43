import type { SocketContext } from "../../../core/sockets/socket-context.ts";
import { TcpSocket, type TcpStreams } from "../../../core/sockets/tcp-socket.ts";
import type { Blocking } from "../../../core/wait/poll.ts";
import type { IpAddressFamily, IpSocketAddress } from "../../../machine/address.ts";
import type { ErrorCode } from "../../../machine/error-code.ts";
import type { ShutdownHow } from "../../../machine/sockets.ts";
import { InputStreamResource } from "../io/input-stream.ts";
import { OutputStreamResource } from "../io/output-stream.ts";
import { Pollable } from "../io/pollable.ts";
import { WasiResource } from "../io/resource.ts";

/** The operation whose start- method was called, and whose finish- method was not yet. */
type Operation = "bind" | "connect" | "listen";

/** The streams that finish-connect and accept return. */
export interface TcpConnection {
  readonly input: InputStreamResource;
  readonly output: OutputStreamResource;
}

/**
 * `wasi:sockets/tcp.tcp-socket`: a TCP socket whose operations have two phases, with wasmtime's states
 * (crates/wasi/src/p2/tcp.rs). While one operation is in progress, start-* of any is concurrency-conflict and finish-* of
 * another is not-in-progress. Otherwise the table at `TcpSocket` holds, and this one:
 *
 * | call            | unbound         | bound           | connecting    | listening       | connected     | closed(e)     |
 * |-----------------|-----------------|-----------------|---------------|-----------------|---------------|---------------|
 * | finish-bind     | not-in-progress | ok once; would-block, or its error -> unbound, where bind(2) takes time | ... |
 * | finish-connect  | not-in-progress | not-in-progress | its streams; closed(e), would-block | not-in-progress | ... | ... |
 * | subscribe: ready| always          | always          | when over     | a connection (*)| always        | always        |
 *
 * A connect whose pollable has reported its end stays in progress until finish-connect: getters and options behave as in
 * connected or closed(e), other calls as in connecting.
 *
 * (*) Always ready while a listen or a bind is in progress; a bind(2) that takes time is ready when it is over.
 *
 * No call waits. Methods return an error code, or their result (undefined for none).
 */
export class TcpSocketResource extends WasiResource {
  readonly socket: TcpSocket;
  readonly #cx: SocketContext;
  #operation: Operation | undefined;

  constructor(cx: SocketContext, socket: TcpSocket) {
    super();
    this.#cx = cx;
    this.socket = socket;
  }

  static create(cx: SocketContext, family: IpAddressFamily): TcpSocketResource | ErrorCode {
    const socket = TcpSocket.create(cx, family);
    return typeof socket === "string" ? socket : new TcpSocketResource(cx, socket);
  }

  startBind(address: IpSocketAddress): ErrorCode | undefined {
    return this.#start("bind", () => this.socket.bind(address));
  }

  /**
   * start-bind where bind(2) may take time: guests ask for the address right after it, and do not expect finish-bind to
   * wait.
   */
  *blockingStartBind(address: IpSocketAddress): Blocking<ErrorCode | undefined> {
    const error = this.startBind(address);
    if (error !== undefined) return error;
    const outcome = yield* this.socket.ended();
    if (outcome !== undefined) this.#operation = undefined;
    return outcome;
  }

  finishBind(): ErrorCode | undefined {
    return this.#operation === "bind" ? this.#finish() : "not-in-progress";
  }

  startConnect(address: IpSocketAddress): ErrorCode | undefined {
    return this.#start("connect", () => this.socket.connect(address));
  }

  finishConnect(): TcpConnection | ErrorCode {
    if (this.#operation !== "connect") return "not-in-progress";
    return this.#finish() ?? this.#connection(this.socket.streams());
  }

  /** Calls listen(2); a failure leaves the socket closed. */
  startListen(): ErrorCode | undefined {
    return this.#start("listen", () => this.socket.listen());
  }

  finishListen(): ErrorCode | undefined {
    if (this.#operation !== "listen") return "not-in-progress";
    this.#operation = undefined;
    this.socket.watchConnections();
    return undefined;
  }

  #start(operation: Operation, begin: () => ErrorCode | undefined): ErrorCode | undefined {
    if (this.#operation !== undefined) return "concurrency-conflict";
    const error = begin();
    if (error === undefined) this.#operation = operation;
    return error;
  }

  #finish(): ErrorCode | undefined {
    const outcome = this.socket.outcome();
    if (outcome !== "would-block") this.#operation = undefined;
    return outcome;
  }

  #connection({ input, output }: TcpStreams): TcpConnection {
    return { input: new InputStreamResource(input, this), output: new OutputStreamResource(output, this) };
  }

  accept(): readonly [TcpSocketResource, TcpConnection] | ErrorCode {
    const socket = this.socket.accept();
    if (typeof socket === "string") return socket;
    const accepted = new TcpSocketResource(this.#cx, socket);
    return [accepted, accepted.#connection(socket.streams())];
  }

  subscribe(): Pollable {
    return new Pollable(this.socket.readiness, this.#cx.poll.now(), this);
  }

  shutdown(how: ShutdownHow | "both"): ErrorCode | undefined {
    return this.#operation === undefined ? this.socket.shutdown(how) : "invalid-state";
  }

  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.socket.close();
  }
}
