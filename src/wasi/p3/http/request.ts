import type { HostInstance } from "../../../component/host.ts";
import type { HostFuture, ReadableBytes, ReadableFuture } from "../../../component/streams.ts";
import { hasNumericPort, isAuthority } from "../../../core/http/authority.ts";
import type { FieldMap } from "../../../core/http/fields.ts";
import type { GuestRequest } from "../../http/request.ts";
import {
  isMethod,
  isPathOrRelative,
  isScheme,
  type Method,
  methodName,
  methodOf,
  type Scheme,
  schemeOf,
} from "../../http/request-target.ts";
import { type Body, type BodyContext, GuestBody } from "./body.ts";
import { Fields, type Trailers, type Transmission } from "./fields.ts";
import { RequestOptions } from "./request-options.ts";

/** The target of a request, and its method. */
export interface Target {
  readonly method: Method;
  readonly path: string | undefined;
  readonly scheme: Scheme | undefined;
  readonly authority: string | undefined;
}

const unset: Target = { method: { tag: "get" }, path: undefined, scheme: undefined, authority: undefined };

/** `wasi:http/types.request`. Setters return whether the value is valid. */
export class RequestResource implements GuestRequest {
  readonly headers: FieldMap;
  readonly options: RequestOptions | undefined;
  readonly body: Body;
  #method: Method;
  #path: string | undefined;
  #scheme: Scheme | undefined;
  #authority: string | undefined;

  /** @param target the target of a received request */
  constructor(headers: FieldMap, body: Body, options: RequestOptions | undefined, target = unset) {
    this.headers = headers;
    this.body = body;
    this.options = options;
    this.#method = target.method;
    this.#path = target.path;
    this.#scheme = target.scheme;
    this.#authority = target.authority;
  }

  get method(): Method {
    return this.#method;
  }

  setMethod(method: Method): boolean {
    if (!isMethod(method)) return false;
    this.#method = methodOf(methodName(method));
    return true;
  }

  get path(): string | undefined {
    return this.#path;
  }

  /** Sets the path without its fragment; an empty one becomes `/`, as in Rust's `http` crate. */
  setPath(path: string | undefined): boolean {
    if (path !== undefined && !isPathOrRelative(path)) return false;
    this.#path = path === undefined ? undefined : path.split("#")[0] || "/";
    return true;
  }

  get scheme(): Scheme | undefined {
    return this.#scheme;
  }

  setScheme(scheme: Scheme | undefined): boolean {
    if (scheme !== undefined && !isScheme(scheme)) return false;
    this.#scheme = scheme?.tag === "other" ? schemeOf(scheme.val) : scheme;
    return true;
  }

  get authority(): string | undefined {
    return this.#authority;
  }

  setAuthority(authority: string | undefined): boolean {
    if (authority !== undefined && (!isAuthority(authority) || !hasNumericPort(authority))) return false;
    this.#authority = authority;
    return true;
  }

  [Symbol.dispose](): void {
    this.body.drop();
  }
}

/** Throws the error of a setter's `result` if the value was not accepted. */
export function throwUnlessValid(accepted: boolean): void {
  if (!accepted) throw undefined;
}

/** Makes the functions of `wasi:http/types.request`. A setter throws undefined for an invalid value. */
export function requestFunctions(cx: BodyContext): HostInstance {
  return {
    request: RequestResource,
    "[static]request.new": (
      headers: Fields,
      contents: ReadableBytes | undefined,
      trailers: ReadableFuture<Trailers>,
      options: RequestOptions | undefined,
    ): readonly [RequestResource, HostFuture<Transmission>] => {
      const body = new GuestBody(cx, contents, trailers);
      const kept = options && new RequestOptions(options.timeouts, true);
      return [new RequestResource(headers.map.view(), body, kept), body.transmission];
    },
    "[method]request.get-method": (self: RequestResource) => self.method,
    "[method]request.set-method": (self: RequestResource, method: Method) => throwUnlessValid(self.setMethod(method)),
    "[method]request.get-path-with-query": (self: RequestResource) => self.path,
    "[method]request.set-path-with-query": (self: RequestResource, path: string | undefined) =>
      throwUnlessValid(self.setPath(path)),
    "[method]request.get-scheme": (self: RequestResource) => self.scheme,
    "[method]request.set-scheme": (self: RequestResource, scheme: Scheme | undefined) =>
      throwUnlessValid(self.setScheme(scheme)),
    "[method]request.get-authority": (self: RequestResource) => self.authority,
    "[method]request.set-authority": (self: RequestResource, authority: string | undefined) =>
      throwUnlessValid(self.setAuthority(authority)),
    // A new object each time, since each gets a handle of its own.
    "[method]request.get-options": (self: RequestResource) =>
      self.options && new RequestOptions(self.options.timeouts, true),
    "[method]request.get-headers": (self: RequestResource) => new Fields(self.headers),
    "[static]request.consume-body": (self: RequestResource, handled: ReadableFuture<Transmission>) =>
      self.body.consume(handled),
  };
}
