import type { HttpErrorCode } from "../../../core/http/error-code.ts";
import type { ServedRequest } from "../../../core/http/message.ts";
import { Resource } from "../io/resource.ts";
import type { Fields } from "./fields.ts";
import type { OutgoingResponse } from "./outgoing-response.ts";

/** What a guest has set in the place of a response. */
export type Response =
  | { readonly tag: "ok"; readonly val: OutgoingResponse }
  | { readonly tag: "err"; readonly val: HttpErrorCode };

/** `wasi:http/types.response-outparam` */
export class ResponseOutparam extends Resource {
  readonly #request: ServedRequest;
  /** The error that the guest has set. */
  error: HttpErrorCode | undefined;

  constructor(request: ServedRequest) {
    super();
    this.#request = request;
  }

  /** Whether the guest has set it. */
  get isSet(): boolean {
    return this.error !== undefined || this.#request.responded;
  }

  inform(status: number, headers: Fields): void {
    this.#request.inform(status, headers.map.entries());
  }

  /** `set`: begins the response, or leaves that to who called the guest. */
  set(response: Response): void {
    this[Symbol.dispose]();
    if (response.tag === "ok") response.val.send(this.#request);
    else this.error = response.val;
  }
}
