import { FieldMap } from "../../../core/http/fields.ts";
import type { ServedRequest } from "../../../core/http/message.ts";
import { Resource } from "../io/resource.ts";
import { Fields } from "./fields.ts";
import { IncomingBody } from "./incoming-body.ts";
import { type Method, methodOf, type Scheme } from "./method.ts";

/** `wasi:http/types.incoming-request` */
export class IncomingRequest extends Resource {
  readonly #request: ServedRequest;
  readonly #headers: Fields;
  readonly #maxFieldsSize: number;
  #consumed = false;

  constructor(request: ServedRequest, maxFieldsSize: number) {
    super();
    this.#request = request;
    this.#headers = new Fields(FieldMap.received(maxFieldsSize, request.head.headers));
    this.#maxFieldsSize = maxFieldsSize;
  }

  get method(): Method {
    return methodOf(this.#request.head.method);
  }

  get path(): string | undefined {
    return this.#request.head.path;
  }

  get scheme(): Scheme {
    const { scheme = "http" } = this.#request.head;
    if (scheme === "http") return { tag: "HTTP" };
    return scheme === "https" ? { tag: "HTTPS" } : { tag: "other", val: scheme };
  }

  get authority(): string | undefined {
    return this.#request.head.authority;
  }

  headers(): Fields {
    return this.#headers.viewOf(this);
  }

  /** The body, once. */
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
