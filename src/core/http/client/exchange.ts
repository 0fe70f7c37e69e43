import { READABLE, WRITABLE } from "../../../machine/selector.ts";
import { concat } from "../../streams/concat.ts";
import { Alarm } from "../../wait/alarm.ts";
import type { Background } from "../../wait/background.ts";
import { Condition, READY } from "../../wait/condition.ts";
import { after, NEVER } from "../../wait/deadline.ts";
import type { Destination } from "../authority.ts";
import { announced, chunk, lastChunk } from "../body-encoding.ts";
import { type BodyOwner, BodyReader, TURNS } from "../body-reader.ts";
import type { HttpErrorCode, HttpField } from "../error-code.ts";
import type { BodyReceiver, BodySender, IncomingMessage } from "../message.ts";
import type { Transport } from "../transport.ts";
import { Dial, type HttpContext } from "./dial.ts";
import { type RequestFraming, type RequestHead, requestFraming, requestHead } from "./request-head.ts";
import { framingOf } from "./response-framing.ts";
import { type ResponseHead, ResponseHeadParser } from "./response-head.ts";

/** The most bytes that are received at once: the size of the machine's buffer. */
const RECEIVE = 65_536;

export interface HttpRequest extends RequestHead {
  readonly secure: boolean;
  /** Undefined if the authority cannot name a host. */
  readonly destination: Destination | undefined;
  /** Timeouts, ns; Infinity for none: until the connection, from there to the response's head, between two pieces of its body. */
  readonly connectTimeout: number;
  readonly firstByteTimeout: number;
  readonly betweenBytesTimeout: number;
}

const protocolError: HttpErrorCode = { tag: "HTTP-protocol-error" };
const readTimeout: HttpErrorCode = { tag: "connection-read-timeout" };

/**
 * One request and its response on a connection of its own (RFC 9112), as hyper's client does it: the response's head, its body in
 * pieces, then its trailers; at any time an error instead. `responded`, the body's readiness and `finished` hold once the awaited
 * part is there, or on an error. If the response is over before the request's body is, the rest is still sent.
 *
 * Connecting and sending are background work. Bytes are received when a reader asks or waits for them.
 */
export class HttpExchange implements IncomingMessage, BodyReceiver, BodyOwner {
  readonly responded = Condition.ready();
  readonly finished = Condition.ready();
  head: ResponseHead | undefined;
  error: HttpErrorCode | undefined;
  trailers: readonly HttpField[] | undefined;
  /** Whether the response is complete, or will never be. */
  over = false;
  readonly #cx: HttpContext;
  readonly #request: HttpRequest;
  readonly #body: BodySender | undefined;
  readonly #framing: RequestFraming;
  readonly #alarm: Alarm;
  readonly #dial: Dial;
  #transport: Transport | undefined;
  /** Bytes to be sent, once there is a connection and room. */
  #unsent: Uint8Array[];
  #sending: Background | undefined;
  /** Whether all of the request has been handed in; and whether no more of it can be sent. */
  #complete: boolean;
  #deaf = false;
  #parser = new ResponseHeadParser();
  #reader: BodyReader | undefined;
  /** The number of body bytes received, with the framing. */
  #received = 0;

  constructor(cx: HttpContext, request: HttpRequest, body: BodySender | undefined) {
    this.#cx = cx;
    this.#request = request;
    this.#body = body;
    this.#framing = requestFraming(request, body !== undefined);
    this.#unsent = [requestHead(request, this.#framing)];
    this.#complete = body === undefined;
    this.#alarm = new Alarm(cx.poll, () => this.#ring());
    this.#dial = new Dial(cx, request.destination, request.secure, (result) => this.#dialled(result));
    for (const condition of [this.responded, this.finished]) {
      condition.markPending();
      condition.confirm = () => this.#attempt(condition);
    }
    cx.poll.streak.end();
    this.#limit(request.connectTimeout);
    this.#dial.start();
  }

  now(): number {
    return this.#cx.poll.now();
  }

  #dialled(result: Transport | HttpErrorCode): void {
    if ("tag" in result) {
      this.#fail(result);
      return;
    }
    this.#transport = result;
    result.arrived = () => this.#arrived();
    this.#limit(this.#request.firstByteTimeout);
    this.#await(this.responded);
    this.#send();
  }

  /** Lets the condition wait for incoming bytes. */
  #await(condition: Condition): void {
    if (this.#transport === undefined || condition.kind === READY) return;
    const { source } = this.#transport;
    if (source === undefined) condition.markPending();
    else condition.watch(source, READABLE);
  }

  /** Called when bytes have arrived or there is room to send, if no source tells. */
  #arrived(): void {
    if (this.#unsent.length > 0) this.#flush();
    if (this.head === undefined) this.advance();
    else this.#reader?.arrived();
  }

  /** Makes one attempt at the part that the condition waits for. Returns whether it holds. */
  #attempt(condition: Condition): boolean {
    if (condition === this.finished && this.#reader?.discards) this.#reader.arrived();
    else this.advance();
    return condition.kind === READY;
  }

  /** Looks for progress without waiting. Other background work advances, too. */
  look(): void {
    this.#cx.poll.advanceNext();
    this.#attempt(this.#reader?.discards ? this.finished : this.responded);
  }

  /** Reads as much of the head as has arrived. */
  advance(): void {
    const { buffer } = this.#cx.machine;
    for (let turn = 0; this.head === undefined && !this.over && this.#transport !== undefined; turn++) {
      if (turn === TURNS) {
        this.#transport.again();
        return;
      }
      const count = this.#transport.receive(RECEIVE);
      if (count === "would-block") return;
      if (typeof count !== "number" || count === 0) {
        this.#fail(protocolError);
        return;
      }
      this.#push(buffer, count);
    }
  }

  #push(bytes: Uint8Array, count: number): void {
    for (let at = 0; at < count && this.head === undefined; ) {
      const end = this.#parser.push(bytes, at, count);
      if (end === undefined) {
        this.#fail(protocolError);
        return;
      }
      at = end;
      const { head } = this.#parser;
      if (head === undefined) continue;
      // Interim responses are skipped; 101 is final (RFC 9110, section 15.2).
      if (head.status < 200 && head.status !== 101) this.#parser = new ResponseHeadParser();
      else this.#respond(head, bytes.slice(at, count));
    }
  }

  #respond(head: ResponseHead, rest: Uint8Array): void {
    const framing = framingOf(head, this.#request.method);
    if (framing === undefined) {
      this.#fail(protocolError);
      return;
    }
    this.head = head;
    const { poll, machine } = this.#cx;
    this.#reader = new BodyReader(poll, machine.buffer, this.#transport!, framing, rest, this);
    this.#limit(this.#request.betweenBytesTimeout);
    this.responded.markReady();
    if (this.#reader.empty) this.#end();
  }

  /** Sets the readiness of the body's stream. */
  read(readable: Condition): void {
    this.#reader?.read(readable);
  }

  /**
   * Puts up to `max` bytes of the body at the start of the machine's buffer. Returns their number; 0 if it has ended, with `error`
   * or without.
   */
  receive(max: number): number | "would-block" {
    return this.#reader?.receive(max) ?? 0;
  }

  progressed(count: number): void {
    this.#received += count;
    this.#limit(this.#request.betweenBytesTimeout);
  }

  complete(): void {
    this.trailers = this.#reader?.trailers;
    this.#end();
  }

  broken(): void {
    this.#fail(protocolError);
  }

  /** Skips the rest of the body, for its trailers. */
  discard(): void {
    this.#reader?.discard();
    this.#await(this.finished);
  }

  /** Takes a piece of the request's body. `BodySender.sent` is called when it has been sent. */
  write(bytes: Uint8Array, start: number, end: number): void {
    if (end === start || this.#deaf) return;
    if (this.#framing === "chunked") {
      this.#unsent.push(chunk(bytes, start, end));
    } else if (this.#framing === "length") {
      // Sent without a copy while no other bytes are queued.
      const sent = this.#unsent.length === 0 ? this.#put(bytes, start, end) : start;
      if (sent < end) this.#unsent.push(bytes.slice(sent, end));
    }
    this.#send();
  }

  /** Ends the request's body. */
  finish(trailers: readonly HttpField[]): void {
    if (this.#framing === "chunked" && !this.#deaf)
      this.#unsent.push(lastChunk(announced(trailers, this.#request.headers)));
    this.#complete = true;
    this.#send();
  }

  /** Breaks the request's body off. */
  abort(error: HttpErrorCode = protocolError): void {
    if (this.over) this.#release(false);
    else this.#fail(error);
  }

  /** Gives the exchange up: no more of the response is wanted. */
  cancel(): void {
    if (!this.over) this.#fail(undefined);
  }

  #send(): void {
    if (this.#transport === undefined || this.#sending !== undefined || this.#flush()) return;
    const { source } = this.#transport;
    if (source === undefined) return;
    this.#sending = { source, interest: WRITABLE, advance: () => this.#flush() };
    this.#cx.poll.begin(this.#sending);
  }

  /** Sends queued bytes. Returns whether none are left. */
  #flush(): boolean {
    const bytes = this.#unsent.length === 1 ? this.#unsent[0]! : concat(this.#unsent);
    const sent = this.#put(bytes, 0, bytes.length);
    if (sent < bytes.length) {
      this.#unsent = [bytes.subarray(sent)];
      return false;
    }
    this.#unsent = [];
    this.#sending = undefined;
    this.#body?.sent();
    if (this.over && (this.#complete || this.#deaf)) this.#release(true);
    return true;
  }

  /** Sends as many bytes as there is room for. Returns how far it came; `end` if the connection takes no more at all. */
  #put(bytes: Uint8Array, start: number, end: number): number {
    let sent = start;
    while (sent < end) {
      const taken = this.#transport?.send(bytes, sent, end) ?? "would-block";
      if (taken === "would-block") return sent;
      if (typeof taken !== "number") {
        // The response may tell why, so it is still read.
        this.#deaf = true;
        this.#body?.stop();
        return end;
      }
      sent += taken;
    }
    return sent;
  }

  #ring(): void {
    if (this.over) return;
    // The connection may have been made while the guest did something else.
    if (this.#transport === undefined) this.#dial.attempt();
    else if (this.head === undefined) this.advance();
    else this.#ringForBody();
    if (this.over || this.head !== undefined) return;
    if (this.#transport === undefined) this.#fail({ tag: "connection-timeout" });
    else if (!this.#alarm.isSet) this.#fail(readTimeout);
  }

  #ringForBody(): void {
    const before = this.#received;
    const reader = this.#reader!;
    // Bytes count as progress even before the body's stream exists.
    const holds = reader.discards ? reader.arrived() : reader.holds();
    if (this.over) return;
    if (holds === true || this.#received > before) this.#limit(this.#request.betweenBytesTimeout);
    else this.#fail(readTimeout);
  }

  #limit(ns: number): void {
    const deadline = after(this.#cx.poll.now(), ns);
    if (deadline === NEVER) this.#alarm.clear();
    else this.#alarm.set(deadline);
  }

  #fail(error: HttpErrorCode | undefined): void {
    if (this.over) return;
    this.error = error;
    this.#deaf = true;
    this.#end();
  }

  /** Ends the exchange: the response is complete, or will never be. */
  #end(): void {
    this.over = true;
    this.#alarm.clear();
    this.responded.markReady();
    this.#reader?.stop();
    this.finished.markReady();
    if (this.#deaf) this.#release(false);
    else if (this.#complete && this.#unsent.length === 0) this.#release(true);
  }

  /** Gives the connection back. @param flush Whether all of the request must be sent before */
  #release(flush: boolean): void {
    this.#dial.cancel();
    if (this.#sending !== undefined) this.#cx.poll.end(this.#sending);
    this.#sending = undefined;
    this.#unsent = [];
    this.#deaf = true;
    this.#body?.stop();
    this.#transport?.close(flush);
    this.#transport = undefined;
  }
}
