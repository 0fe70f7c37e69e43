import type { HttpExchange } from "../../../core/http/client/exchange.ts";
import type { ResponseHead } from "../../../core/http/client/response-head.ts";
import { FieldMap } from "../../../core/http/fields.ts";
import { Pollable } from "../io/pollable.ts";
import { WasiResource } from "../io/resource.ts";
import { Fields } from "./fields.ts";
import { type HttpResult, IncomingBody, type Once } from "./incoming-body.ts";

/** `wasi:http/types.future-incoming-response` */
export class FutureIncomingResponse extends WasiResource {
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

  /** Returns undefined until the response has begun, or failed. */
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
export class IncomingResponse extends WasiResource {
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

  /** Returns the body the first time, then undefined. */
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
