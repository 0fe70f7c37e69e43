import type { HttpErrorCode } from "../../../core/http/error-code.ts";
import type { HttpExchange } from "../../../core/http/exchange.ts";
import { FieldMap } from "../../../core/http/fields.ts";
import type { ResponseHead } from "../../../core/http/response-head.ts";
import { InputStream } from "../../../core/streams/input-stream.ts";
import type { StreamError } from "../../../core/streams/stream-error.ts";
import { InputStreamResource } from "../io/input-stream.ts";
import { Pollable } from "../io/pollable.ts";
import { Resource } from "../io/resource.ts";
import { HttpFailure } from "./failure.ts";
import { Fields } from "./fields.ts";

/** What can be had once. */
export type Once<T> = { readonly tag: "ok"; readonly val: T } | { readonly tag: "err" };

export type HttpResult<T> =
  | { readonly tag: "ok"; readonly val: T }
  | { readonly tag: "err"; readonly val: HttpErrorCode };

/** `wasi:http/types.future-incoming-response` */
export class FutureIncomingResponse extends Resource {
  readonly #exchange: HttpExchange;
  readonly #maxFieldsSize: number;
  #taken = false;

  constructor(exchange: HttpExchange, maxFieldsSize: number) {
    super();
    this.#exchange = exchange;
    this.#maxFieldsSize = maxFieldsSize;
  }

  subscribe(): Pollable {
    return new Pollable(this.#exchange.responded, this.#exchange.now(), this);
  }

  /** Undefined: not there yet. */
  get(): Once<HttpResult<IncomingResponse>> | undefined {
    this.#exchange.look();
    const { head, error } = this.#exchange;
    if (head === undefined && error === undefined) return undefined;
    if (this.#taken) return { tag: "err" };
    this.#taken = true;
    if (head === undefined) return { tag: "ok", val: { tag: "err", val: error! } };
    return { tag: "ok", val: { tag: "ok", val: new IncomingResponse(this.#exchange, head, this.#maxFieldsSize) } };
  }

  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    if (!this.#taken) this.#exchange.cancel();
  }
}

/** `wasi:http/types.incoming-response` */
export class IncomingResponse extends Resource {
  readonly status: number;
  readonly #headers: Fields;
  readonly #exchange: HttpExchange;
  readonly #maxFieldsSize: number;
  #consumed = false;

  constructor(exchange: HttpExchange, head: ResponseHead, maxFieldsSize: number) {
    super();
    this.status = head.status;
    this.#headers = new Fields(FieldMap.received(maxFieldsSize, head.headers));
    this.#exchange = exchange;
    this.#maxFieldsSize = maxFieldsSize;
  }

  headers(): Fields {
    return this.#headers.viewOf(this);
  }

  /** The body, once. */
  consume(): IncomingBody | undefined {
    if (this.#consumed) return undefined;
    this.#consumed = true;
    return new IncomingBody(this.#exchange, this.#maxFieldsSize);
  }

  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    if (!this.#consumed) this.#exchange.cancel();
  }
}

/** `wasi:http/types.incoming-body` */
export class IncomingBody extends Resource {
  readonly #exchange: HttpExchange;
  readonly #maxFieldsSize: number;
  #streamed = false;

  constructor(exchange: HttpExchange, maxFieldsSize: number) {
    super();
    this.#exchange = exchange;
    this.#maxFieldsSize = maxFieldsSize;
  }

  /** The stream, once. */
  stream(): InputStreamResource | undefined {
    if (this.#streamed) return undefined;
    this.#streamed = true;
    return new InputStreamResource(new IncomingBodyStream(this.#exchange), this);
  }

  /** Ends the reading; what is left of the body is passed over. @throws Trap while its stream is there */
  finish(): FutureTrailers {
    super[Symbol.dispose]();
    this.#exchange.discard();
    return new FutureTrailers(this.#exchange, this.#maxFieldsSize);
  }

  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.#exchange.cancel();
  }
}

class IncomingBodyStream extends InputStream {
  readonly #exchange: HttpExchange;
  #failed = false;

  constructor(exchange: HttpExchange) {
    super({ source: undefined, receive: (max) => exchange.receive(max) });
    this.#exchange = exchange;
    exchange.read(this.readiness);
  }

  override read(max: number): number | StreamError {
    const result = super.read(max);
    const { error } = this.#exchange;
    if (result !== "closed" || error === undefined || this.#failed) return result;
    this.#failed = true;
    return new HttpFailure(error);
  }
}

/** `wasi:http/types.future-trailers` */
export class FutureTrailers extends Resource {
  readonly #exchange: HttpExchange;
  readonly #maxFieldsSize: number;
  #taken = false;

  constructor(exchange: HttpExchange, maxFieldsSize: number) {
    super();
    this.#exchange = exchange;
    this.#maxFieldsSize = maxFieldsSize;
  }

  subscribe(): Pollable {
    return new Pollable(this.#exchange.finished, this.#exchange.now(), this);
  }

  /** Undefined: the body has not ended yet. */
  get(): Once<HttpResult<Fields | undefined>> | undefined {
    this.#exchange.look();
    const { over, error, trailers } = this.#exchange;
    if (!over) return undefined;
    if (this.#taken) return { tag: "err" };
    this.#taken = true;
    if (error !== undefined) return { tag: "ok", val: { tag: "err", val: error } };
    const fields = trailers && new Fields(FieldMap.received(this.#maxFieldsSize, trailers));
    return { tag: "ok", val: { tag: "ok", val: fields } };
  }

  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.#exchange.cancel();
  }
}
