import { isAuthority } from "../../../core/http/authority.ts";
import type { HttpContext } from "../../../core/http/client/dial.ts";
import { HttpExchange, type HttpRequest } from "../../../core/http/client/exchange.ts";
import type { HttpErrorCode } from "../../../core/http/error-code.ts";
import type { NetworkPolicy } from "../../../core/policy/network.ts";
import type { Poll } from "../../../core/wait/poll.ts";
import { contentLength, outgoingRequest, type Timeouts } from "../../http/request.ts";
import { isMethod, isPath, isScheme, type Method, type Scheme } from "../../http/request-target.ts";
import { WasiResource } from "../io/resource.ts";
import type { Fields } from "./fields.ts";
import { OutgoingBody } from "./outgoing-body.ts";

/** `wasi:http/types.request-options`. Timeouts are ns; undefined means the default. */
export class RequestOptions implements Timeouts {
  connectTimeout: bigint | undefined;
  firstByteTimeout: bigint | undefined;
  betweenBytesTimeout: bigint | undefined;
}

/** `wasi:http/types.outgoing-request`. Setters return whether the value is valid. */
export class OutgoingRequest extends WasiResource {
  readonly #headers: Fields;
  readonly #poll: Poll;
  #body: OutgoingBody | undefined;
  #method: Method = { tag: "get" };
  #path: string | undefined;
  #scheme: Scheme | undefined;
  #authority: string | undefined;

  constructor(poll: Poll, headers: Fields) {
    super();
    this.#poll = poll;
    this.#headers = headers;
  }

  /** Returns the body the first time, then undefined; also undefined if content-length is not a valid number. */
  body(): OutgoingBody | undefined {
    const length = contentLength(this.#headers.map);
    if (this.#body !== undefined || typeof length === "string") return undefined;
    this.#body = new OutgoingBody(this.#poll, "HTTP-request-body-size", length);
    return this.#body;
  }

  headers(): Fields {
    return this.#headers.viewOf(this);
  }

  get method(): Method {
    return this.#method;
  }

  setMethod(method: Method): boolean {
    if (!isMethod(method)) return false;
    this.#method = method;
    return true;
  }

  get path(): string | undefined {
    return this.#path;
  }

  setPath(path: string | undefined): boolean {
    if (path !== undefined && !isPath(path)) return false;
    this.#path = path;
    return true;
  }

  get scheme(): Scheme | undefined {
    return this.#scheme;
  }

  setScheme(scheme: Scheme | undefined): boolean {
    if (scheme !== undefined && !isScheme(scheme)) return false;
    this.#scheme = scheme;
    return true;
  }

  get authority(): string | undefined {
    return this.#authority;
  }

  setAuthority(authority: string | undefined): boolean {
    if (authority !== undefined && !isAuthority(authority)) return false;
    this.#authority = authority;
    return true;
  }

  /**
   * `outgoing-handler.handle`: sends and consumes the request.
   *
   * @throws Trap while a view of its headers is not dropped
   */
  send(cx: HttpContext, options: RequestOptions | undefined): HttpExchange | HttpErrorCode {
    super[Symbol.dispose]();
    const request = this.#request(cx.policy, options);
    if ("tag" in request) {
      this.#body?.stop();
      return request;
    }
    const exchange = new HttpExchange(cx, request, this.#body);
    this.#body?.attach(exchange);
    return exchange;
  }

  #request(policy: NetworkPolicy, options: RequestOptions | undefined): HttpRequest | HttpErrorCode {
    const length = contentLength(this.#headers.map);
    if (typeof length === "string") return { tag: "internal-error", val: length };
    if (this.#body === undefined && length !== undefined && length !== 0)
      return { tag: "HTTP-request-body-size", val: 0n };
    const made = {
      method: this.#method,
      scheme: this.#scheme,
      authority: this.#authority,
      headers: this.#headers.map,
    };
    // The error that wasmtime 48 returns.
    return outgoingRequest(made, this.#path ?? { tag: "HTTP-protocol-error" }, options, policy);
  }

  /** Dropped without being sent: its body stops. */
  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.#body?.stop();
  }
}
