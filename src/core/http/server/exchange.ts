import type { IpSocketAddress } from "../../../machine/address.ts";
import { Condition } from "../../wait/condition.ts";
import { lastChunk } from "../body-encoding.ts";
import type { BodyReader } from "../body-reader.ts";
import type { HttpErrorCode, HttpField } from "../error-code.ts";
import type { BodyReceiver, BodySender, IncomingMessage } from "../message.ts";
import type { Output } from "./output.ts";
import type { StatusLines } from "./reasons.ts";
import type { ParsedRequestHead } from "./request-head.ts";
import {
  asksToClose,
  isSound,
  putFields,
  putInterimFields,
  type ResponseFraming,
  responseFraming,
} from "./response-head.ts";

/** The least number of bytes that is handed to the kernel at once. Fewer wait for more of the same turn. */
const SEND_AT = 16_384;

const protocolError: HttpErrorCode = { tag: "HTTP-protocol-error" };
const noFields: readonly HttpField[] = [];

/** The connection as an exchange sees it. */
export interface ExchangeConnection {
  readonly output: Output;
  readonly lines: StatusLines;
  readonly remote: IpSocketAddress | undefined;
  /** Whether another request may follow. */
  readonly keepAlive: boolean;
  now(): number;
  /** Returns the `date` field with its CR LF. */
  date(): Uint8Array;
  /** Advances background work of others, in a look. */
  advanceNext(): void;
  /** Closes the connection after this exchange. */
  closeAfter(): void;
  /** Arranges that the written bytes are sent at the end of the turn. */
  written(): void;
  /** Sends what there is. */
  flush(): void;
  /** Called when the response is complete. */
  responseOver(): void;
  /** Breaks the response off, so that its reader notices. */
  breakOff(reset: boolean): void;
  /** Called when the request's body is going to be read: the client may wait to be asked for it. */
  bodyWanted(): void;
  /** Called when the request's body will not be read. It is received for its trailers, or not at all. */
  bodyDiscarded(): void;
  bodyCancelled(): void;
  /** Called when the request's body is longer than allowed. */
  bodyTooLong(): void;
}

/**
 * One request and its response on a connection. The request's body is received as it is read. The response begins with `respond`,
 * and ends with `finish` (or at once, if it has no body). If the client is gone, or was sent another response (for exceeding a
 * limit), further writes go nowhere: `gone` and `BodySender.stop` tell of it.
 */
export class ServerExchange implements IncomingMessage, BodyReceiver {
  readonly head: ParsedRequestHead;
  readonly #acceptsTrailers: boolean;
  readonly #maxBodySize: number;
  /** Undefined once the connection serves something else. */
  #connection: ExchangeConnection | undefined;
  readonly #reader: BodyReader | undefined;
  /** Whether the request's body is going to be read to its end. */
  reading = false;
  #received = 0;
  over: boolean;
  error: HttpErrorCode | undefined;
  #finished: Condition | undefined;
  #gone: Condition | undefined;
  #isGone = false;
  responded = false;
  /** Whether the response is complete. */
  complete = false;
  #framing: ResponseFraming | undefined;
  /** The number of bytes still to be written of a body with a content-length. */
  #remaining = 0;
  #body: BodySender | undefined;

  constructor(
    connection: ExchangeConnection,
    head: ParsedRequestHead,
    reader: BodyReader | undefined,
    options: { readonly acceptsTrailers: boolean; readonly maxBodySize: number },
  ) {
    this.#connection = connection;
    this.head = head;
    this.#reader = reader;
    this.#acceptsTrailers = options.acceptsTrailers;
    this.#maxBodySize = options.maxBodySize;
    this.over = reader === undefined;
  }

  get remote(): IpSocketAddress | undefined {
    return this.#connection?.remote;
  }

  /** The number of bytes of the response that have not left for the kernel. */
  get queued(): number {
    return this.#connection?.output.queued ?? 0;
  }

  /** Holds when the client is gone: nothing reads the response. */
  get gone(): Condition {
    this.#gone ??= conditionOf(this.#isGone);
    return this.#gone;
  }

  /** Holds when the request is over. */
  get finished(): Condition {
    this.#finished ??= conditionOf(this.over);
    return this.#finished;
  }

  get trailers(): readonly HttpField[] | undefined {
    return this.over && this.error === undefined ? this.#reader?.trailers : undefined;
  }

  now(): number {
    return this.#connection?.now() ?? 0;
  }

  look(): void {
    this.#connection?.advanceNext();
    if (this.#reader?.discards) this.#reader.arrived();
  }

  read(readable: Condition): void {
    if (this.#reader === undefined) {
      readable.markReady();
      return;
    }
    this.#want();
    this.#reader.read(readable);
  }

  #want(): void {
    if (this.over) return;
    this.reading = true;
    this.#connection?.bodyWanted();
  }

  receive(max: number): number | "would-block" {
    const reader = this.#reader;
    if (reader === undefined) return 0;
    this.#want();
    const count = reader.receive(max);
    if (typeof count !== "number") return count;
    this.#received += count;
    if (this.#received <= this.#maxBodySize) return count;
    this.#connection?.bodyTooLong();
    return 0;
  }

  discard(): void {
    if (this.over || this.#reader === undefined) return;
    this.#want();
    this.#reader.discard();
    if (!this.over) this.#connection?.bodyDiscarded();
  }

  cancel(): void {
    if (this.over) return;
    this.reading = false;
    this.requestOver(undefined);
    this.#connection?.bodyCancelled();
  }

  /** Called by the connection when all of the request has come, or never will. */
  requestOver(error: HttpErrorCode | undefined): void {
    if (this.over) return;
    this.over = true;
    this.error = error;
    this.#finished?.markReady();
  }

  /** Called by the connection when it no longer serves the exchange. A response that is not complete goes nowhere. */
  leave(): void {
    this.#connection = undefined;
    this.requestOver(protocolError);
    if (this.complete) return;
    this.complete = true;
    this.#isGone = true;
    this.#gone?.markReady();
    this.#body?.stop();
    this.#body = undefined;
  }

  /** Called by the connection when all that was written has left. */
  sent(): void {
    this.#body?.sent();
  }

  /** Sends an interim response, 100 to 199 except 101. Not to clients of HTTP/1.0, which do not know them. */
  inform(status: number, headers: readonly HttpField[]): void {
    const connection = this.#connection;
    if (connection === undefined || this.responded || this.head.minor === 0) return;
    if (status < 100 || status > 199 || status === 101 || !headers.every(isSound)) return;
    connection.output.put(connection.lines.line(1, status));
    putInterimFields(connection.output, headers);
    connection.written();
  }

  /**
   * Begins the response. An invalid status or field makes it a 500 without a body.
   *
   * @param body The owner of the body; undefined for a response without one
   */
  respond(status: number, headers: readonly HttpField[], body: BodySender | undefined): void {
    const connection = this.#connection;
    if (connection === undefined || this.responded) {
      body?.stop();
      return;
    }
    if (!Number.isInteger(status) || status < 200 || status > 999 || !headers.every(isSound)) {
      body?.stop();
      this.respond(500, noFields, undefined);
      return;
    }
    this.responded = true;
    this.#body = body;
    const framing = responseFraming(this.head, status, headers, body !== undefined);
    this.#framing = framing;
    if (framing.tag === "length") this.#remaining = framing.length;
    if (framing.tag === "close" || asksToClose(headers)) connection.closeAfter();
    const { output, keepAlive } = connection;
    output.put(connection.lines.line(this.head.minor, status));
    putFields(output, this.head, status, headers, framing, keepAlive, connection.date());
    if (body === undefined || framing.tag === "none") this.#over();
    else connection.written();
  }

  write(bytes: Uint8Array, start: number, end: number): void {
    const connection = this.#connection;
    if (connection === undefined || !this.responded || this.complete || start === end) return;
    const { output } = connection;
    switch (this.#framing?.tag) {
      case "chunked":
        output.text(`${(end - start).toString(16).toUpperCase()}\r\n`);
        output.put(bytes, start, end);
        output.text("\r\n");
        break;
      case "length": {
        const count = Math.min(end - start, this.#remaining);
        this.#remaining -= count;
        output.put(bytes, start, start + count);
        break;
      }
      case "close":
        output.put(bytes, start, end);
        break;
      default:
    }
    if (output.broken || output.queued >= SEND_AT) connection.flush();
    else if (output.queued === 0) this.sent();
    else connection.written();
  }

  finish(trailers: readonly HttpField[]): void {
    const connection = this.#connection;
    if (connection === undefined || !this.responded || this.complete) return;
    if (this.#framing?.tag === "length" && this.#remaining > 0) {
      connection.breakOff(false);
      return;
    }
    if (this.#framing?.tag === "chunked") {
      if (trailers.length === 0 || !this.#acceptsTrailers) connection.output.text("0\r\n\r\n");
      else connection.output.put(lastChunk(trailers.filter(isSound)));
    }
    this.#over();
  }

  abort(): void {
    // A body without a length ends with the connection.
    if (!this.complete) this.#connection?.breakOff(this.#framing?.tag === "close");
  }

  #over(): void {
    const body = this.#body;
    this.complete = true;
    this.#body = undefined;
    this.#connection?.responseOver();
    if (this.#framing?.tag === "none") body?.stop(true);
    else body?.sent();
  }
}

function conditionOf(ready: boolean): Condition {
  const condition = Condition.ready();
  if (!ready) condition.markPending();
  return condition;
}
