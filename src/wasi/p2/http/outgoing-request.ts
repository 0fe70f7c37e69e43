import { parseAuthority } from "../../../core/http/authority.ts";
import type { HttpClient } from "../../../core/http/client.ts";
import { HttpExchange } from "../../../core/http/exchange.ts";
import { token } from "../../../core/http/fields.ts";
import type { NetworkPolicy } from "../../../core/policy/network.ts";
import { NEVER } from "../../../core/wait/deadline.ts";
import type { Poll } from "../../../core/wait/poll.ts";
import type { HttpErrorCode, HttpRequest } from "../../../machine/http.ts";
import { formatIp } from "../../../machine/ip.ts";
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
  connectTimeout: number | undefined;
  firstByteTimeout: number | undefined;
  betweenBytesTimeout: number | undefined;
}

const TEN_MINUTES = 600e9;

/** RFC 3986 in what a path and a query may hold, and what is common beside it; no fragment. */
const pathAndQuery = /^[^\0-\x20"#<>\\^`\x7f]*$/;

const schemeName = /^[A-Za-z][A-Za-z0-9+.-]*$/;

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
    if (this.#body !== undefined || length === "invalid") return undefined;
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
    if (path !== undefined && !pathAndQuery.test(path)) return false;
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
    if (authority !== undefined && parseAuthority(authority) === undefined) return false;
    this.#authority = authority;
    return true;
  }

  /** `outgoing-handler.handle`: consumes the request. @throws Trap while a view of its headers is there */
  send(client: HttpClient, policy: NetworkPolicy, options: RequestOptions | undefined): HttpExchange | HttpErrorCode {
    super[Symbol.dispose]();
    const request = this.#request(policy, options);
    const exchange = "tag" in request ? request : start(client, request, this.#body);
    if ("tag" in exchange) this.#body?.stop();
    else this.#body?.attach(exchange);
    return exchange;
  }

  #request(policy: NetworkPolicy, options: RequestOptions | undefined): HttpRequest | HttpErrorCode {
    if (this.#scheme?.tag === "other") return { tag: "HTTP-protocol-error" };
    const secure = this.#scheme?.tag !== "HTTP";
    const authority = this.#authority === undefined ? undefined : parseAuthority(this.#authority);
    if (authority === undefined) return { tag: "HTTP-request-URI-invalid" };
    // As wasmtime 48 says it.
    if (this.#path === undefined) return { tag: "HTTP-protocol-error" };
    const path = wirePath(this.#path);
    if (path === undefined) return { tag: "HTTP-request-URI-invalid" };
    const { host, port = secure ? 443 : 80 } = authority;
    if (!policy.allowsRequest(host, port)) return { tag: "HTTP-request-denied" };
    const { connectTimeout, firstByteTimeout, betweenBytesTimeout } = options ?? {};
    return {
      method: this.#method.tag === "other" ? this.#method.val : this.#method.tag.toUpperCase(),
      secure,
      // What was checked is what is connected to: `127.1` has become 127.0.0.1.
      host: host.tag === "address" ? formatIp(host.address) : host.name,
      port,
      path,
      headers: [["host", new TextEncoder().encode(this.#authority)], ...this.#headers.map.entries()],
      body: this.#body !== undefined,
      connectTimeout: connectTimeout ?? TEN_MINUTES,
      firstByteTimeout: firstByteTimeout ?? TEN_MINUTES,
      betweenBytesTimeout: betweenBytesTimeout ?? TEN_MINUTES,
    };
  }

  /** Dropped unsent: nobody will take its body. */
  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.#body?.stop();
  }
}

function start(client: HttpClient, request: HttpRequest, body: OutgoingBody | undefined): HttpExchange | HttpErrorCode {
  const exchange = HttpExchange.start(client, request, body);
  return typeof exchange === "string" ? { tag: "internal-error", val: exchange } : exchange;
}

/** The path as it is sent, its bytes as characters; undefined: it cannot be. */
function wirePath(path: string): string | undefined {
  const rooted = path.startsWith("?") ? `/${path}` : path;
  if (!rooted.startsWith("/") && rooted !== "*") return undefined;
  return String.fromCharCode(...new TextEncoder().encode(rooted));
}

/** What content-length says; undefined: nothing. */
export function contentLength(headers: Fields): number | undefined | "invalid" {
  const [value] = headers.map.get("content-length");
  if (value === undefined) return undefined;
  const text = new TextDecoder().decode(value);
  return /^\d{1,15}$/.test(text) ? Number(text) : "invalid";
}

/** A timeout, ns, as its getter answers it. */
export function timeoutValue(ns: number | undefined): bigint | undefined {
  return ns === undefined ? undefined : ns === NEVER ? 0xffff_ffff_ffff_ffffn : BigInt(ns);
}
