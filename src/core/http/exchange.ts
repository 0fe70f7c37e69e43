import type { ErrorCode } from "../../machine/error-code.ts";
import type { HttpErrorCode, HttpEvent, HttpField, HttpRequest } from "../../machine/http.ts";
import type { Condition } from "../wait/condition.ts";
import type { HttpClient, HttpListener } from "./client.ts";

/** What is read is told to the thread in pieces of so many bytes. */
const GRANT = 65_536;

export interface ResponseHead {
  readonly status: number;
  readonly headers: readonly HttpField[];
}

/** Who sends the body of an exchange's request. */
export interface BodySender {
  written(length: number): void;
  /** The exchange is over: nobody takes more. */
  stop(): void;
}

/**
 * An exchange as the guest's thread sees it: the response's head, then its body in pieces, then its trailers; at any time an
 * error instead. `responded`, `readable` and `finished` are settled by what they wait for, or by the error.
 */
export class HttpExchange implements HttpListener {
  readonly client: HttpClient;
  readonly responded: Condition;
  readonly finished: Condition;
  /** The readiness of the body's stream, while there is one. */
  #readable: Condition | undefined;
  readonly #id: number;
  readonly #body: BodySender | undefined;
  readonly #pieces: Uint8Array[] = [];
  /** Bytes read that the thread was not yet told of. */
  #ungranted = 0;
  #discards = false;
  head: ResponseHead | undefined;
  error: HttpErrorCode | undefined;
  trailers: readonly HttpField[] | undefined;
  over = false;

  private constructor(client: HttpClient, id: number, body: BodySender | undefined) {
    this.client = client;
    this.#id = id;
    this.#body = body;
    this.responded = client.pending();
    this.finished = client.pending();
  }

  static start(client: HttpClient, request: HttpRequest, body: BodySender | undefined): HttpExchange | ErrorCode {
    let exchange: HttpExchange | undefined;
    const id = client.request(request, { on: (event) => exchange?.on(event) });
    if (typeof id === "string") return id;
    exchange = new HttpExchange(client, id, body);
    return exchange;
  }

  on(event: HttpEvent): void {
    if (event.type === "response") {
      this.head = event;
      this.responded.settle();
    } else if (event.type === "data") {
      if (this.#discards) {
        this.#grant(event.bytes.byteLength);
      } else {
        this.#pieces.push(new Uint8Array(event.bytes));
        this.#readable?.settle();
      }
    } else if (event.type === "written") {
      this.#body?.written(event.length);
    } else {
      if (event.type === "error") this.error = event.error;
      else this.trailers = event.trailers;
      this.#end();
    }
  }

  /** The body's stream has this readiness from now on. */
  read(readable: Condition): void {
    this.#readable = readable;
    if (this.#pieces.length === 0 && !this.over) this.client.awaitEvent(readable);
    else readable.settle();
  }

  /** Puts up to `max` bytes of the body at the start of `into`; 0: it has ended, with `error` or without. */
  receive(max: number, into: Uint8Array): number | "would-block" {
    this.client.pump();
    const [piece] = this.#pieces;
    if (piece === undefined) return this.over ? 0 : "would-block";
    const part = piece.subarray(0, max);
    into.set(part);
    if (part.length === piece.length) this.#pieces.shift();
    else this.#pieces[0] = piece.subarray(part.length);
    this.#grant(part.length);
    if (this.#pieces.length === 0 && !this.over && this.#readable !== undefined) {
      this.client.awaitEvent(this.#readable);
    }
    return part.length;
  }

  /** Nobody reads the rest of the body: what matters are the trailers. */
  discard(): void {
    this.#discards = true;
    for (const piece of this.#pieces.splice(0)) this.#grant(piece.length);
  }

  /** Hands the buffer over: it is gone here. */
  write(bytes: ArrayBuffer): void {
    this.client.post({ type: "write", id: this.#id, bytes });
  }

  finish(trailers: readonly HttpField[]): void {
    this.client.post({ type: "finish", id: this.#id, trailers });
  }

  abort(): void {
    this.client.post({ type: "abort", id: this.#id });
  }

  /** Nobody wants what still comes. */
  cancel(): void {
    if (this.over) return;
    this.client.post({ type: "cancel", id: this.#id });
    this.#end();
  }

  #end(): void {
    this.over = true;
    this.client.forget(this.#id);
    this.#body?.stop();
    this.responded.settle();
    this.#readable?.settle();
    this.finished.settle();
  }

  #grant(length: number): void {
    this.#ungranted += length;
    if (this.#ungranted < GRANT) return;
    this.client.post({ type: "read", id: this.#id, length: this.#ungranted });
    this.#ungranted = 0;
  }
}
