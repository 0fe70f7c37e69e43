import type { HttpErrorCode } from "../../../core/http/error-code.ts";
import type { ServedRequest } from "../../../core/http/message.ts";
import { WasiResource } from "../io/resource.ts";
import type { Fields } from "./fields.ts";
import type { OutgoingResponse } from "./outgoing-response.ts";

/** The response, or the error, that a guest sets. */
export type Response =
  | { readonly tag: "ok"; readonly val: OutgoingResponse }
  | { readonly tag: "err"; readonly val: HttpErrorCode };

/** `wasi:http/types.response-outparam` */
export class ResponseOutparam extends WasiResource {
  readonly #request: ServedRequest;
  #isSet = false;
  /** The error that the guest set. */
  error: HttpErrorCode | undefined;

  constructor(request: ServedRequest) {
    super();
    this.#request = request;
  }

  /** Whether the guest has set it, even if the client is gone by then. */
  get isSet(): boolean {
    return this.#isSet;
  }

  inform(status: number, headers: Fields): void {
    this.#request.inform(status, headers.map.entries());
  }

  /** `set`: begins the response. An error is kept for the caller of the guest. */
  set(response: Response): void {
    this[Symbol.dispose]();
    this.#isSet = true;
    if (response.tag === "ok") response.val.send(this.#request);
    else this.error = response.val;
  }
}
