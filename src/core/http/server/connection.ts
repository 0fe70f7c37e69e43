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

/** The most requests of one connection that are served before others have their turn. */
const REQUESTS = 32;

/** The most bytes that are received at once: the size of the machine's buffer. */
const RECEIVE = 65_536;

const continueHead = byteString("HTTP/1.1 100 Continue\r\n\r\n");

const strictlyChunked = { tag: "chunked", strict: true } as const;

type State =
  /** Between two requests, or before the first: no byte of a head has come. */
  | "idle"
  /** Part of a head has come. */
  | "head"
  /** A request is under way: its response is not complete, or its body is still being read. */
  | "exchange"
  /** The response is complete. The rest of the request's body is skipped, for the sake of the next request. */
  | "drain"
  /** The rest of the responses is sent, then the connection is closed. */
  | "closing"
  /**
   * The writing side is shut down, and what the client still sends is skipped: a close now would discard the response on its way.
   */
  | "linger"
  | "closed";

/**
 * A client's connection (RFC 9112): a state machine that its server's wait drives. It has one condition for incoming bytes, one for
 * room in the kernel, and one timer, whose deadline is put off and seldom reached.
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
  /** The latest end of the state, ns; also of a wait for room in the kernel. */
  #deadline: number;
  #writeDeadline = NEVER;
  readonly #held = new HeldBytes();
  #exchange: ServerExchange | undefined;
  #reader: BodyReader | undefined;
  /** The number of body bytes that were skipped. */
  #drained = 0;
  /** Whether the client waits for `100-continue`. */
  #continue = false;
  #keepAlive = true;
  /** Whether the client has shut down its writing side. */
  #ended = false;
  /** Whether requests are being served. Their responses are sent when that is over. */
  #serving = false;
  /** Whether held bytes are served in the next turn. Bytes after them, and an end, are received after that. */
  #resumes = false;
  /** Whether it is on the server's list of connections that have bytes to send. */
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

  /** Whether no request is under way, and no byte of a next one has come. */
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

  /** Called when one of its waiters was found ready. */
  fired(waiter: Waiter<ServerWork>): void {
    if (waiter === this.#timer) this.#ring();
    else if (waiter === this.#readable) this.#arrived();
    else this.#retry();
  }

  // Incoming bytes.

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
    // A head is parsed again only at the end of a line, or if it is too long.
    if (!tooLong && !bytes.subarray(end - count, end).includes(LF)) return;
    this.#serve(bytes, start, end);
  }

  /** Receives bytes after the request that is under way, or the client's end. */
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

  /** Discards whatever the client still sends after the end. The timer ends that. */
  #passOver(): void {
    const count = this.#handle.receive(RECEIVE);
    if (count !== "would-block" && (typeof count !== "number" || count === 0)) this.close();
  }

  /** Receives bytes only while the state has a use for them. */
  #listen(): void {
    const { condition } = this.#readable;
    if (!this.#listens) {
      condition.markPending();
      return;
    }
    condition.watch(this.source, READABLE);
    if ((this.source.registered & READABLE) === 0) this.#cx.wake();
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

  /** Serves the requests that begin at `from`. The rest is held. */
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
        // An empty line that came in two pieces.
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

  /** Returns the offset after empty lines, which may precede a request (RFC 9112, section 2.2). */
  #skipEmptyLines(bytes: Uint8Array, from: number, end: number): number {
    let at = from;
    while (at + 1 < end && bytes[at] === CR && bytes[at + 1] === LF) at += 2;
    return at;
  }

  /** Keeps bytes that were not read: any other call may overwrite the machine's buffer. */
  #hold(bytes: Uint8Array, start: number, end: number): void {
    const held = this.#held;
    if (bytes === held.bytes) {
      if (start === end) held.clear();
      else held.start = start;
    } else if (start < end) {
      held.push(bytes, start, end);
    }
  }

  /** Begins the exchange for a request whose head is complete. */
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
    // This deadline has no effect while the guest takes its time.
    this.#enter("exchange", this.#reader === undefined ? limits.idleTimeout : limits.bodyTimeout);
    this.#cx.serve(exchange);
  }

  /** Enters a state, for at most `limit` ns. */
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
    if (deadline < this.#timer.due) this.#cx.wake();
    this.#timer.condition.retime(deadline);
  }

  // The body of the current request.

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
    this.#cx.wake();
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

  /** Called when all of the request's body has come. */
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
   * Ends a request body that will never be complete. A reader is told, and may respond all the same.
   *
   * @param status The status for a limit that the client exceeded: sent unless the response has begun
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
    if (!this.#serving) this.#cx.flushAtTurnEnd(this);
  }

  /** Sends what there is. */
  flush(): void {
    if (this.#state === "closed") return;
    this.#flushed(this.output.flush());
  }

  #retry(): void {
    const before = this.output.queued;
    const all = this.output.retry();
    if (this.output.queued < before) this.#writeDeadline = NEVER;
    this.#flushed(all);
    this.#cx.conditionChanged();
  }

  /** @param all Whether nothing is left to be sent */
  #flushed(all: boolean): void {
    if (this.output.broken) {
      this.#gone();
      return;
    }
    this.#awaitRoom(!all);
    if (!all) return;
    // The exchange may write more, and end the response.
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
    this.#cx.wake();
  }

  responseOver(): void {
    if (this.#exchange?.reading && !this.#exchange.over) {
      this.#limit(this.#cx.limits.bodyTimeout);
    } else {
      this.#afterResponse();
    }
    if (!this.#serving) this.flush();
  }

  /** Called when the response is complete, and the request's body is no longer read. */
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

  /** Prepares for the next request. */
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
    this.#cx.resumeNextTurn(this);
  }

  /** Serves requests that were waiting behind the one that was under way. */
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
    if (!over) this.#cx.conditionChanged();
  }

  #leave(exchange: ServerExchange): void {
    const { complete } = exchange;
    exchange.leave();
    if (!complete) this.#cx.abandoned(exchange);
  }

  #afterServing(): void {
    if (this.#state === "closed") return;
    if (this.#state === "exchange" && this.output.queued > 0 && !this.#exchange?.complete)
      this.#cx.flushAtTurnEnd(this);
    else if (this.output.queued > 0 || this.#state === "closing") this.flush();
    if (this.#ended && this.#state === "head") this.close();
  }

  // The end.

  /** Responds with an error, and closes. */
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

  /** Closes the connection after the rest was sent. No more requests are served. */
  #finish(): void {
    this.#keepAlive = false;
    this.#enter("closing", this.#cx.limits.writeTimeout);
    if (!this.#serving) this.flush();
  }

  /**
   * Shuts the connection down once all has left. Closing it with unread bytes of the client would reset it, and lose what was sent.
   */
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

  /** Closes the connection: the client is gone, or needs no more. */
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
    this.#cx.conditionChanged();
    this.#cx.closed(this);
  }

  /** Called when the timer has expired. */
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
