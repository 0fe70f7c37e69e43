import type { IpSocketAddress } from "../../../machine/address.ts";
import { HUNG_UP, READABLE, type Source, WRITABLE } from "../../../machine/selector.ts";
import type { TcpHandle } from "../../../machine/sockets.ts";
import { Condition, Waiter } from "../../wait/condition.ts";
import { NEVER } from "../../wait/deadline.ts";
import { type BodyInput, type BodyOwner, BodyReader } from "../body-reader.ts";
import type { HttpErrorCode } from "../error-code.ts";
import { CR, LF } from "../field-lines.ts";
import { byteString } from "../fields.ts";
import { type ExchangeConnection, ServerExchange } from "./exchange.ts";
import { HeldBytes } from "./held-bytes.ts";
import { Output } from "./output.ts";
import { FAILED, INCOMPLETE } from "./request-head.ts";
import type { ServerContext, ServerWork } from "./server-context.ts";

/** How many requests of one connection are served before others have their turn. */
const REQUESTS = 32;

/** The most that is received at once, bytes: the machine's buffer. */
const RECEIVE = 65_536;

const continueHead = byteString("HTTP/1.1 100 Continue\r\n\r\n");

const strictlyChunked = { tag: "chunked", strict: true } as const;

type State =
  /** Between two requests, or before the first: no byte of a head has come. */
  | "idle"
  /** Some of a head has come. */
  | "head"
  /** A request is under way: its response is not complete, or somebody still reads its body. */
  | "exchange"
  /** The response is complete, the request's body is passed over for the sake of the next one. */
  | "drain"
  /** The rest of the responses is sent, then the connection is closed. */
  | "closing"
  /** It is shut down, and what the client still sends is passed over: else it would lose what it was answered. */
  | "linger"
  | "closed";

/**
 * A client's connection (RFC 9112): a state machine that its server's wait drives. It has one condition for bytes that come,
 * another while the kernel has no room for those that go, and one timer, which is put off and hardly ever rings.
 */
export class ServerConnection implements ServerWork, BodyInput, BodyOwner, ExchangeConnection {
  readonly source: Source;
  readonly output: Output;
  readonly #cx: ServerContext;
  readonly #handle: TcpHandle;
  readonly #readable: Waiter<ServerWork>;
  readonly #timer: Waiter<ServerWork>;
  #writable: Waiter<ServerWork> | undefined;
  #state: State = "idle";
  /** When the state ends at the latest, ns; of the kernel's having no room, too. */
  #deadline: number;
  #writeDeadline = NEVER;
  readonly #held = new HeldBytes();
  #exchange: ServerExchange | undefined;
  #reader: BodyReader | undefined;
  /** Bytes of the body that were passed over. */
  #drained = 0;
  /** `100-continue` is awaited. */
  #continue = false;
  #keepAlive = true;
  /** The client has shut down its writing side. */
  #ended = false;
  /** Requests are being served, whose responses are sent when that is over. */
  #serving = false;
  /** Bytes that are held are served in the next turn: what comes behind them, and an end, is received after that. */
  #resumes = false;
  /** It is on the server's list of those that have something to send. */
  dirty = false;
  #remote: IpSocketAddress | undefined;

  constructor(cx: ServerContext, handle: TcpHandle) {
    this.#cx = cx;
    this.#handle = handle;
    this.source = handle.source;
    this.output = new Output(handle, cx.stage);
    this.#readable = new Waiter<ServerWork>(Condition.source(handle.source, READABLE), this);
    this.#deadline = cx.time + cx.limits.headTimeout;
    this.#timer = new Waiter<ServerWork>(Condition.timer(this.#deadline), this);
    cx.set.add(this.#readable);
    cx.set.add(this.#timer);
  }

  get lines(): ServerContext["lines"] {
    return this.#cx.lines;
  }

  get remote(): IpSocketAddress | undefined {
    if (this.#remote === undefined && this.#state !== "closed") {
      const address = this.#handle.remoteAddress();
      if (typeof address !== "string") this.#remote = address;
    }
    return this.#remote;
  }

  /** No request is under way, nor has any of a next one come. */
  get idle(): boolean {
    return this.#state === "idle";
  }

  get keepAlive(): boolean {
    return this.#keepAlive && !this.#cx.closing;
  }

  now(): number {
    return this.#cx.now();
  }

  date(): Uint8Array {
    return this.#cx.date();
  }

  advanceNext(): void {
    this.#cx.poll.advanceNext();
  }

  /** One of its waiters was found. */
  fired(waiter: Waiter<ServerWork>): void {
    if (waiter === this.#timer) this.#ring();
    else if (waiter === this.#readable) this.#arrived();
    else this.#retry();
  }

  // What comes.

  #arrived(): void {
    switch (this.#state) {
      case "idle":
      case "head":
        this.#receiveHead();
        break;
      case "exchange":
        if (this.#reader?.discards && !this.#reader.over) this.#reader.arrived();
        else this.#receiveAhead();
        break;
      case "drain":
        this.#reader?.arrived();
        break;
      default:
        this.#passOver();
    }
  }

  receive(max: number): ReturnType<TcpHandle["receive"]> {
    return this.#handle.receive(max);
  }

  again(): void {}

  #receiveHead(): void {
    const { buffer } = this.#cx.machine;
    const count = this.#handle.receive(RECEIVE);
    if (count === "would-block") return;
    if (typeof count !== "number" || count === 0) {
      this.close();
      return;
    }
    if (this.#held.length === 0) {
      this.#serve(buffer, 0, count);
      return;
    }
    const before = this.#held.length;
    this.#held.push(buffer, 0, count);
    const { bytes, start, end } = this.#held;
    const tooLong = before + count > this.#cx.limits.maxHeadSize;
    // Nothing new is known of a line before it ends, save that it is too long.
    if (!tooLong && !bytes.subarray(end - count, end).includes(LF)) return;
    this.#serve(bytes, start, end);
  }

  /** Bytes behind the request under way; or the client's end. */
  #receiveAhead(): void {
    const room = this.#cx.limits.maxPipelined - this.#held.length;
    const count = this.#handle.receive(Math.min(room, RECEIVE));
    if (count === "would-block") return;
    if (typeof count !== "number") {
      this.#gone();
      return;
    }
    if (count > 0) this.#held.push(this.#cx.machine.buffer, 0, count);
    else this.#ended = true;
    if (this.#ended && (this.source.ready & HUNG_UP) !== 0) this.#gone();
    else this.#listen();
  }

  /** Discards what the client still sends after the end, however much: the timer ends it. */
  #passOver(): void {
    const count = this.#handle.receive(RECEIVE);
    if (count !== "would-block" && (typeof count !== "number" || count === 0)) this.close();
  }

  /** Bytes are received while the state has a use for them. */
  #listen(): void {
    const { condition } = this.#readable;
    if (!this.#listens) {
      condition.markPending();
      return;
    }
    condition.watch(this.source, READABLE);
    if ((this.source.registered & READABLE) === 0) this.#cx.stir();
  }

  get #listens(): boolean {
    switch (this.#state) {
      case "exchange":
        if (this.#reader !== undefined && !this.#reader.over) return this.#reader.discards;
        return !this.#ended && this.#held.length < this.#cx.limits.maxPipelined;
      case "closing":
        return false;
      default:
        return !this.#ended && !this.#resumes;
    }
  }

  // Requests.

  /** Serves the requests that begin at `start`; what is left is held. */
  #serve(first: Uint8Array, from: number, to: number): void {
    const { parser, limits } = this.#cx;
    let bytes = first;
    let at = from;
    let end = to;
    this.#serving = true;
    for (let turn = 0; this.#state === "idle" || this.#state === "head"; turn++) {
      at = this.#skipEmptyLines(bytes, at, end);
      if (at === end) {
        this.#held.clear();
        // An empty line in two pieces.
        if (this.#state === "head") this.#enter("idle", limits.idleTimeout);
        break;
      }
      if (turn === REQUESTS) {
        this.#hold(bytes, at, end);
        this.#resumeSoon();
        break;
      }
      const over = at + 1 === end && bytes[at] === CR ? INCOMPLETE : parser.parse(bytes, at, end);
      if (over === FAILED) {
        this.#refuse(parser.status);
        break;
      }
      if (over === INCOMPLETE) {
        this.#hold(bytes, at, end);
        if (this.#state === "idle") this.#enter("head", limits.headTimeout);
        break;
      }
      this.#hold(bytes, over, end);
      this.#begin();
      ({ bytes, start: at, end } = this.#held);
    }
    this.#serving = false;
    this.#afterServing();
  }

  /** Empty lines may stand before a request (RFC 9112, section 2.2). Returns where it begins. */
  #skipEmptyLines(bytes: Uint8Array, from: number, end: number): number {
    let at = from;
    while (at + 1 < end && bytes[at] === CR && bytes[at + 1] === LF) at += 2;
    return at;
  }

  /** Keeps what was not read: the machine's buffer is another's when anybody else is called. */
  #hold(bytes: Uint8Array, start: number, end: number): void {
    const held = this.#held;
    if (bytes === held.bytes) {
      if (start === end) held.clear();
      else held.start = start;
    } else if (start < end) {
      held.push(bytes, start, end);
    }
  }

  /** The head of a request is complete. */
  #begin(): void {
    const { parser, limits, machine, poll } = this.#cx;
    const { fields } = parser;
    const head = parser.head!;
    this.#keepAlive &&= !fields.close && !this.#cx.retiring && (head.minor === 1 || fields.keepAlive);
    const { length = 0 } = fields;
    this.#continue = false;
    if (fields.chunked || length > 0) {
      const framing = fields.chunked ? strictlyChunked : ({ tag: "length", length } as const);
      const rest = this.#held.take();
      this.#continue = fields.expectsContinue && head.minor === 1;
      this.#reader = new BodyReader(poll, machine.buffer, this, framing, rest, this);
    }
    const exchange = new ServerExchange(this, head, this.#reader, {
      acceptsTrailers: fields.acceptsTrailers,
      maxBodySize: limits.maxBodySize,
    });
    this.#exchange = exchange;
    // It rings in vain while the guest takes its time.
    this.#enter("exchange", this.#reader === undefined ? limits.idleTimeout : limits.bodyTimeout);
    this.#cx.serve(exchange);
  }

  /** From now on in this state, for at most so long, ns. */
  #enter(state: State, limit: number): void {
    this.#state = state;
    this.#listen();
    this.#limit(limit);
  }

  #limit(ns: number): void {
    this.#deadline = this.#cx.time + ns;
    this.#retime();
  }

  #retime(): void {
    const deadline = Math.min(this.#deadline, this.#writeDeadline);
    if (deadline < this.#timer.due) this.#cx.stir();
    this.#timer.condition.retime(deadline);
  }

  // The body of the request under way.

  bodyWanted(): void {
    if (!this.#continue) return;
    this.#continue = false;
    if (this.#exchange?.responded) return;
    this.output.put(continueHead);
    this.flush();
    this.#limit(this.#cx.limits.bodyTimeout);
  }

  bodyDiscarded(): void {
    this.#listen();
    this.#cx.stir();
    this.#limit(this.#cx.limits.bodyTimeout);
  }

  bodyCancelled(): void {
    if (this.#exchange?.complete) this.#afterResponse();
  }

  progressed(count: number): void {
    if (this.#state === "drain") {
      this.#drained += count;
      if (this.#drained > this.#cx.limits.maxDrain) this.#finish();
    } else {
      this.#limit(this.#cx.limits.bodyTimeout);
    }
  }

  /** All of the request's body has come. */
  complete(): void {
    if (this.#reader === undefined) return;
    this.#held.replace(this.#reader.rest);
    this.#exchange?.requestOver(undefined);
    if (this.#state === "drain") this.#next();
    else if (this.#exchange?.complete) this.#afterResponse();
    else this.#listen();
  }

  broken(): void {
    if (this.#state === "drain") this.#finish();
    else this.#breakBody({ tag: "HTTP-protocol-error" });
  }

  bodyTooLong(): void {
    this.#breakBody({ tag: "HTTP-request-body-size", val: BigInt(this.#cx.limits.maxBodySize) }, 413);
  }

  /**
   * The request will never be complete: who reads its body is told, and may answer all the same.
   *
   * @param status Of a limit that the client is over: it is answered so, unless the response has begun
   */
  #breakBody(error: HttpErrorCode, status?: number): void {
    const exchange = this.#exchange;
    this.#keepAlive = false;
    exchange?.requestOver(error);
    this.#reader?.stop();
    if (exchange?.complete) this.#finish();
    else if (status !== undefined && exchange?.responded === false) this.#refuse(status);
  }

  // The response.

  closeAfter(): void {
    this.#keepAlive = false;
  }

  written(): void {
    if (!this.#serving) this.#cx.written(this);
  }

  /** The client is to get what there is. */
  flush(): void {
    if (this.#state === "closed") return;
    this.#flushed(this.output.flush());
  }

  #retry(): void {
    const before = this.output.queued;
    const all = this.output.retry();
    if (this.output.queued < before) this.#writeDeadline = NEVER;
    this.#flushed(all);
    this.#cx.told();
  }

  /** @param all Whether nothing is left to be sent */
  #flushed(all: boolean): void {
    if (this.output.broken) {
      this.#gone();
      return;
    }
    this.#awaitRoom(!all);
    if (!all) return;
    // Whoever is told may write more, and end it.
    this.#exchange?.sent();
    if (this.#state === "closing" && this.output.queued === 0) this.#shutDown();
  }

  #awaitRoom(blocked: boolean): void {
    if (!blocked) {
      if (this.#writable !== undefined) this.#writable.condition.markPending();
      this.#writeDeadline = NEVER;
      return;
    }
    if (this.#writable === undefined) {
      this.#writable = new Waiter<ServerWork>(Condition.source(this.source, WRITABLE), this);
      this.#cx.set.add(this.#writable);
    } else {
      this.#writable.condition.watch(this.source, WRITABLE);
    }
    if (this.#writeDeadline !== NEVER) return;
    this.#writeDeadline = this.#cx.time + this.#cx.limits.writeTimeout;
    this.#retime();
    this.#cx.stir();
  }

  responseOver(): void {
    if (this.#exchange?.reading && !this.#exchange.over) {
      this.#limit(this.#cx.limits.bodyTimeout);
    } else {
      this.#afterResponse();
    }
    if (!this.#serving) this.flush();
  }

  /** The response is complete, and nobody reads the request's body any more. */
  #afterResponse(): void {
    const reader = this.#reader;
    if (!this.keepAlive || (this.#continue && reader?.over === false)) {
      this.#finish();
    } else if (reader === undefined || reader.over) {
      this.#next();
    } else {
      this.#drained = 0;
      this.#enter("drain", this.#cx.limits.drainTimeout);
      reader.discard();
    }
  }

  /** Ready for the next request. */
  #next(): void {
    this.#leaveExchange();
    if (this.#ended && this.#held.length === 0) {
      this.#finish();
      return;
    }
    this.#enter("idle", this.#cx.limits.idleTimeout);
    if (this.#held.length > 0 && !this.#serving) this.#resumeSoon();
  }

  #resumeSoon(): void {
    this.#resumes = true;
    this.#listen();
    this.#cx.soon(this);
  }

  /** Requests were waiting behind one that was under way. */
  resume(): void {
    this.#resumes = false;
    if (this.#state !== "idle" && this.#state !== "head") return;
    this.#listen();
    const { bytes, start, end } = this.#held;
    this.#serve(bytes, start, end);
  }

  #leaveExchange(): void {
    const { over } = this.#reader ?? { over: true };
    this.#reader?.stop();
    this.#reader = undefined;
    const exchange = this.#exchange;
    this.#exchange = undefined;
    if (exchange !== undefined) this.#leave(exchange);
    if (!over) this.#cx.told();
  }

  #leave(exchange: ServerExchange): void {
    const { complete } = exchange;
    exchange.leave();
    if (!complete) this.#cx.left(exchange);
  }

  #afterServing(): void {
    if (this.#state === "closed") return;
    if (this.#state === "exchange" && this.output.queued > 0 && !this.#exchange?.complete) this.#cx.written(this);
    else if (this.output.queued > 0 || this.#state === "closing") this.flush();
    if (this.#ended && this.#state === "head") this.close();
  }

  // The end.

  /** Answers with an error, and closes. */
  #refuse(status: number): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.output.put(this.#cx.lines.line(1, status));
    this.output.text("content-length: 0\r\nconnection: close\r\n");
    this.output.put(this.#cx.date());
    this.output.text("\r\n");
    if (exchange !== undefined) this.#leave(exchange);
    this.#finish();
  }

  /** Nothing more is answered: what is left is sent, then the connection ends. */
  #finish(): void {
    this.#keepAlive = false;
    this.#enter("closing", this.#cx.limits.writeTimeout);
    if (!this.#serving) this.flush();
  }

  /** All has left. Bytes of the client's that nobody has received would reset the connection, and with it what was sent. */
  #shutDown(): void {
    const broken = this.#exchange === undefined || this.#exchange.error !== undefined;
    const unread = broken || this.#held.length > 0 || this.#reader?.over === false;
    this.#leaveExchange();
    this.#held.clear();
    if (!unread || this.#ended || this.#handle.shutdown("send") !== undefined) {
      this.close();
      return;
    }
    this.#enter("linger", this.#cx.limits.drainTimeout);
  }

  breakOff(reset: boolean): void {
    this.output.flush();
    this.#end(reset);
  }

  /** The client is gone, or has done with it. */
  #gone(): void {
    this.#end(false);
  }

  close(): void {
    this.#end(false);
  }

  #end(reset: boolean): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.output.drop();
    this.#cx.set.remove(this.#readable);
    this.#cx.set.remove(this.#timer);
    if (this.#writable !== undefined) this.#cx.set.remove(this.#writable);
    this.#cx.poll.forget(this.source);
    if (reset) this.#handle.reset();
    else this.#handle.close();
    this.#leaveExchange();
    this.#held.clear();
    this.#cx.told();
    this.#cx.closed(this);
  }

  /** The timer has rung. */
  #ring(): void {
    const now = this.#cx.time;
    if (now >= this.#writeDeadline) {
      this.#end(true);
      return;
    }
    if (now < this.#deadline) {
      this.#retime();
      return;
    }
    switch (this.#state) {
      case "head":
        this.#refuse(408);
        break;
      case "exchange":
        this.#ringForBody();
        break;
      default:
        this.close();
    }
  }

  #ringForBody(): void {
    const reader = this.#reader;
    if (reader?.awaited === true && !reader.arrived() && !reader.over) {
      if (this.#cx.now() >= this.#deadline) this.#breakBody({ tag: "connection-read-timeout" }, 408);
    } else if (this.#exchange?.complete) {
      this.close();
    } else {
      this.#limit(this.#cx.limits.bodyTimeout);
    }
  }
}
