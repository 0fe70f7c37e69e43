import { FieldMap } from "../../../core/http/fields.ts";
import type { IncomingRequestHead, ServedRequest } from "../../../core/http/message.ts";
import { type Method, methodOf, type Scheme } from "../../http/request-target.ts";
import { WasiResource } from "../io/resource.ts";
import { Fields } from "./fields.ts";
import { IncomingBody } from "./incoming-body.ts";

/** `wasi:http/types.incoming-request` */
export class IncomingRequest extends WasiResource {
  readonly #request: ServedRequest;
  readonly #head: IncomingRequestHead;
  readonly #headers: Fields;
  readonly #maxFieldsSize: number;
  #consumed = false;

  /** @param head the head as the guest sees it */
  constructor(request: ServedRequest, head: IncomingRequestHead, maxFieldsSize: number) {
    super();
    this.#request = request;
    this.#head = head;
    this.#headers = new Fields(FieldMap.received(maxFieldsSize, head.headers));
    this.#maxFieldsSize = maxFieldsSize;
  }

  get method(): Method {
    return methodOf(this.#head.method);
  }

  get path(): string | undefined {
    return this.#head.path;
  }

  /** The server's scheme, whatever the request target says, as in wasmtime. */
  readonly scheme: Scheme = { tag: "HTTP" };

  get authority(): string | undefined {
    return this.#head.authority;
  }

  headers(): Fields {
    return this.#headers.viewOf(this);
  }

  /** Returns the body the first time, then undefined. */
  consume(): IncomingBody | undefined {
    if (this.#consumed) return undefined;
    this.#consumed = true;
    return new IncomingBody(this.#request, this.#maxFieldsSize);
  }

  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    if (!this.#consumed) this.#request.cancel();
  }
}
