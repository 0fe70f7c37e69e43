import type { HttpErrorCode } from "../../../core/http/error-code.ts";
import { FieldMap } from "../../../core/http/fields.ts";
import type { IncomingMessage } from "../../../core/http/message.ts";
import { InputStream } from "../../../core/streams/input-stream.ts";
import type { StreamError } from "../../../core/streams/stream-error.ts";
import { InputStreamResource } from "../io/input-stream.ts";
import { Pollable } from "../io/pollable.ts";
import { WasiResource } from "../io/resource.ts";
import { HttpFailure } from "./failure.ts";
import { Fields } from "./fields.ts";

/** The result of a method that succeeds once only. */
export type Once<T> = { readonly tag: "ok"; readonly val: T } | { readonly tag: "err" };

export type HttpResult<T> =
  | { readonly tag: "ok"; readonly val: T }
  | { readonly tag: "err"; readonly val: HttpErrorCode };

/** `wasi:http/types.incoming-body` */
export class IncomingBody extends WasiResource {
  readonly #message: IncomingMessage;
  readonly #maxFieldsSize: number;
  #streamed = false;

  constructor(message: IncomingMessage, maxFieldsSize: number) {
    super();
    this.#message = message;
    this.#maxFieldsSize = maxFieldsSize;
  }

  /** Returns the stream the first time, then undefined. */
  stream(): InputStreamResource | undefined {
    if (this.#streamed) return undefined;
    this.#streamed = true;
    return new InputStreamResource(new IncomingBodyStream(this.#message), this);
  }

  /** Ends reading; the rest of the body is discarded. @throws Trap while its stream is not dropped */
  finish(): FutureTrailers {
    super[Symbol.dispose]();
    this.#message.discard();
    return new FutureTrailers(this.#message, this.#maxFieldsSize);
  }

  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.#message.cancel();
  }
}

class IncomingBodyStream extends InputStream {
  readonly #message: IncomingMessage;
  #failed = false;

  constructor(message: IncomingMessage) {
    super({ source: undefined, receive: (max) => message.receive(max) });
    this.#message = message;
    message.read(this.readiness);
  }

  override read(max: number): number | StreamError {
    const result = super.read(max);
    const { error } = this.#message;
    if (result !== "closed" || error === undefined || this.#failed) return result;
    this.#failed = true;
    return new HttpFailure(error);
  }
}

/** `wasi:http/types.future-trailers` */
export class FutureTrailers extends WasiResource {
  readonly #message: IncomingMessage;
  readonly #maxFieldsSize: number;
  #taken = false;

  constructor(message: IncomingMessage, maxFieldsSize: number) {
    super();
    this.#message = message;
    this.#maxFieldsSize = maxFieldsSize;
  }

  subscribe(): Pollable {
    return new Pollable(this.#message.finished, this.#message.now(), this);
  }

  /** Returns undefined until the body has ended. */
  get(): Once<HttpResult<Fields | undefined>> | undefined {
    this.#message.look();
    const { over, error, trailers } = this.#message;
    if (!over) return undefined;
    if (this.#taken) return { tag: "err" };
    this.#taken = true;
    if (error !== undefined) return { tag: "ok", val: { tag: "err", val: error } };
    const fields = trailers && new Fields(FieldMap.received(this.#maxFieldsSize, trailers));
    return { tag: "ok", val: { tag: "ok", val: fields } };
  }

  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.#message.cancel();
  }
}
