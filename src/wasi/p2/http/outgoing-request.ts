import { type Destination, destinationOf, isAuthority } from "../../../core/http/authority.ts";
import type { HttpContext } from "../../../core/http/client/dial.ts";
import { HttpExchange, type HttpRequest } from "../../../core/http/client/exchange.ts";
import type { HttpErrorCode } from "../../../core/http/error-code.ts";
import { latin1, parseContentLength, token } from "../../../core/http/fields.ts";
import type { NetworkPolicy } from "../../../core/policy/network.ts";
import { fromU64 } from "../../../core/wait/deadline.ts";
import type { Poll } from "../../../core/wait/poll.ts";
import { socketAddressOf } from "../../../machine/ip.ts";
import { Resource } from "../io/resource.ts";
import type { Fields } from "./fields.ts";
import { OutgoingBody } from "./outgoing-body.ts";

const methods = ["get", "head", "post", "put", "delete", "connect", "options", "trace", "patch"] as const;

/** `wasi:http/types.method` */
export type Method = { readonly tag: (typeof methods)[number] } | { readonly tag: "other"; readonly val: string };

/** `wasi:http/types.scheme` */
export type Scheme = { readonly tag: "HTTP" | "HTTPS" } | { readonly tag: "other"; readonly val: string };

/** `wasi:http/types.request-options`: ns, undefined: wasmtime's ten minutes. */
export class RequestOptions {
  connectTimeout: bigint | undefined;
  firstByteTimeout: bigint | undefined;
  betweenBytesTimeout: bigint | undefined;
}

const TEN_MINUTES = 600_000_000_000n;

/**
 * A path and a query as Rust's http takes them: RFC 3986's characters, and what clients send beside them. A fragment may follow,
 * which is not sent.
 */
const pathAndQuery = /^([/?][!"$-;=@-_a-~\x80-\u{10ffff}]*(\?[!$-;=?-~\x80-\u{10ffff}]*)?(#.*)?)?$/su;

/** The longest path and query, bytes. */
const MAX_PATH = 65_534;

const schemeName = /^[A-Za-z0-9+.~-]{0,64}$/;

/** `wasi:http/types.outgoing-request`. Setters answer whether the value is valid. */
export class OutgoingRequest extends Resource {
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

  /** The body, once; undefined too when content-length is no length. */
  body(): OutgoingBody | undefined {
    const length = contentLength(this.#headers);
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
    if (method.tag === "other" && !token.test(method.val)) return false;
    this.#method = method;
    return true;
  }

  get path(): string | undefined {
    return this.#path;
  }

  setPath(path: string | undefined): boolean {
    if (path !== undefined && (!pathAndQuery.test(path) || new TextEncoder().encode(path).length > MAX_PATH))
      return false;
    this.#path = path;
    return true;
  }

  get scheme(): Scheme | undefined {
    return this.#scheme;
  }

  setScheme(scheme: Scheme | undefined): boolean {
    if (scheme?.tag === "other" && !schemeName.test(scheme.val)) return false;
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

  /** `outgoing-handler.handle`: consumes the request. @throws Trap while a view of its headers is there */
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
    const length = contentLength(this.#headers);
    if (typeof length === "string") return { tag: "internal-error", val: length };
    if (this.#body === undefined && length !== undefined && length !== 0)
      return { tag: "HTTP-request-body-size", val: 0n };
    const secure = this.#secure();
    if (secure === undefined) return { tag: "HTTP-protocol-error" };
    if (this.#authority === undefined) return { tag: "HTTP-request-URI-invalid" };
    // As wasmtime 48 says it.
    if (this.#path === undefined) return { tag: "HTTP-protocol-error" };
    const destination = destinationOf(this.#authority, secure);
    if (destination !== undefined && !allows(policy, destination)) return { tag: "HTTP-request-denied" };
    const { connectTimeout, firstByteTimeout, betweenBytesTimeout } = options ?? {};
    return {
      method: this.#method.tag === "other" ? this.#method.val : this.#method.tag.toUpperCase(),
      secure,
      destination,
      path: wirePath(this.#path),
      headers: [["host", new TextEncoder().encode(this.#authority)], ...this.#headers.map.entries()],
      connectTimeout: fromU64(connectTimeout ?? TEN_MINUTES),
      firstByteTimeout: fromU64(firstByteTimeout ?? TEN_MINUTES),
      betweenBytesTimeout: fromU64(betweenBytesTimeout ?? TEN_MINUTES),
    };
  }

  /** Undefined: by another protocol. */
  #secure(): boolean | undefined {
    const scheme = this.#scheme;
    if (scheme === undefined || scheme.tag === "HTTPS") return true;
    if (scheme.tag === "HTTP") return false;
    if (scheme.tag !== "other") return undefined;
    return scheme.val === "https" ? true : scheme.val === "http" ? false : undefined;
  }

  /** Dropped unsent: nobody will take its body. */
  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.#body?.stop();
  }
}

/** Whether a request may go there, as far as can be told before a name is looked up. */
function allows(policy: NetworkPolicy, { host, port }: Destination): boolean {
  if (host.tag === "address") return policy.allowsRequestTo(undefined, socketAddressOf(host.address, port));
  return policy.allowsRequest(host.name, port);
}

/** The path as it is sent, its bytes as characters. */
function wirePath(path: string): string {
  const [sent = ""] = path.split("#");
  const rooted = sent.startsWith("/") ? sent : `/${sent}`;
  return latin1(new TextEncoder().encode(rooted));
}

/** The content-length, bytes; undefined: there is none. A text says what is wrong with it, which only a response's may be. */
export function contentLength(headers: Fields): number | undefined | string {
  const [value, ...more] = headers.map.get("content-length").map((value) => latin1(value));
  if (value === undefined) return undefined;
  if (more.length > 0) return "multiple `content-length` header values";
  const length = parseContentLength(value);
  return length === undefined ? `invalid \`content-length\` header value: ${JSON.stringify(value)}` : Number(length);
}
