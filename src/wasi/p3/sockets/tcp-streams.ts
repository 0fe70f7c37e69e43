import { type ByteConsumer, type ByteProducer, HostFuture, type ValueProducer } from "../../../component/streams.ts";
import type { SocketContext } from "../../../core/sockets/socket-context.ts";
import { type TcpDirection, TcpSocket } from "../../../core/sockets/tcp-socket.ts";
import { Condition } from "../../../core/wait/condition.ts";
import { READABLE, WRITABLE } from "../../../machine/selector.ts";
import { type ErrorPayload, failure, type StreamResult, success } from "../../stream-result.ts";
import { socketError } from "./error-code.ts";

/**
 * The streams that share a TCP socket with its handle. Each ends once: when it returns `closed`, or its other end is
 * dropped. It then resolves its future and releases the socket.
 */

type SocketFuture = HostFuture<StreamResult<ErrorPayload>>;

/** Produces the bytes that the peer sends, straight from the machine's buffer. */
export class ReceiveProducer implements ByteProducer {
  readonly readiness: Condition;
  readonly buffer: Uint8Array;
  readonly end: SocketFuture = new HostFuture();
  readonly #socket: TcpSocket;
  readonly #direction: TcpDirection;

  constructor(buffer: Uint8Array, socket: TcpSocket, direction: TcpDirection) {
    this.buffer = buffer;
    this.#socket = socket;
    this.#direction = direction;
    this.readiness = Condition.source(direction.source, READABLE);
  }

  produce(max: number): number | "would-block" | "closed" {
    const received = this.#direction.receive(max);
    if (received === "would-block") return received;
    if (typeof received === "number" && received > 0) return received;
    this.#over(received === 0 ? success : failure(socketError(received as Exclude<typeof received, number>)));
    return "closed";
  }

  drop(): void {
    this.#direction.shutdown("receive");
    this.#over(success);
  }

  #over(end: StreamResult<ErrorPayload>): void {
    this.#socket.close();
    this.end.resolve(end);
  }
}

/**
 * Sends to the peer, straight from the writer's memory. The end of the stream ends that direction of the connection
 * (FIN).
 */
export class SendConsumer implements ByteConsumer {
  readonly readiness: Condition;
  readonly over: SocketFuture = new HostFuture();
  readonly #socket: TcpSocket;
  readonly #direction: TcpDirection;

  constructor(socket: TcpSocket, direction: TcpDirection) {
    this.#socket = socket;
    this.#direction = direction;
    this.readiness = Condition.source(direction.source, WRITABLE);
  }

  consume(bytes: Uint8Array, start: number, end: number): number | "would-block" | "closed" {
    const sent = this.#direction.send(bytes, start, end);
    if (typeof sent === "number" || sent === "would-block") return sent;
    this.#over(failure(socketError(sent)));
    return "closed";
  }

  end(): void {
    this.#over(success);
  }

  #over(end: StreamResult<ErrorPayload>): void {
    this.#direction.shutdown("send");
    this.#socket.close();
    this.over.resolve(end);
  }
}

/**
 * Produces a listening socket's connections. One that cannot be accepted becomes a closed socket, and the stream
 * continues.
 */
export class ListenProducer implements ValueProducer<TcpSocket> {
  readonly #cx: SocketContext;
  readonly #socket: TcpSocket;

  /** @param socket a listening socket whose readiness reports connections */
  constructor(cx: SocketContext, socket: TcpSocket) {
    this.#cx = cx;
    this.#socket = socket;
    socket.share();
  }

  get readiness(): Condition {
    return this.#socket.readiness;
  }

  /**
   * Produces one at a time, as in wasmtime: a guest that asks for more at once still gets the first without waiting for
   * others.
   */
  produce(): readonly [TcpSocket] | "would-block" {
    const accepted = this.#socket.accept();
    if (accepted === "would-block") return accepted;
    return [typeof accepted === "string" ? TcpSocket.failed(this.#cx, this.#socket.family, accepted) : accepted];
  }

  drop(): void {
    this.#socket.close();
  }
}
