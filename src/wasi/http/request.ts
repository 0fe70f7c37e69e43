import { type Destination, destinationOf } from "../../core/http/authority.ts";
import type { HttpRequest } from "../../core/http/client/exchange.ts";
import type { HttpErrorCode } from "../../core/http/error-code.ts";
import { type FieldMap, latin1, parseContentLength } from "../../core/http/fields.ts";
import { LONGEST, numberOf } from "../../core/http/octets.ts";
import type { NetworkPolicy } from "../../core/policy/network.ts";
import { fromU64 } from "../../core/wait/deadline.ts";
import { socketAddressOf } from "../../machine/ip.ts";
import { isSecure, type Method, methodName, type Scheme, wirePath } from "./request-target.ts";

/** The timeouts of a request, ns; undefined means wasmtime's ten minutes. */
export interface Timeouts {
  readonly connectTimeout: bigint | undefined;
  readonly firstByteTimeout: bigint | undefined;
  readonly betweenBytesTimeout: bigint | undefined;
}

const TEN_MINUTES_NS = 600_000_000_000n;

/** The parts of a request that a guest sets. */
export interface GuestRequest {
  readonly method: Method;
  readonly scheme: Scheme | undefined;
  readonly authority: string | undefined;
  readonly headers: FieldMap;
}

/**
 * Returns the request to send, or the error if it is invalid or the policy denies it, as far as that can be decided
 * before the name is resolved.
 *
 * @param path the path and query, or the error of a request without one
 */
export function outgoingRequest(
  { method, scheme, authority, headers }: GuestRequest,
  path: string | HttpErrorCode,
  options: Timeouts | undefined,
  policy: NetworkPolicy,
): HttpRequest | HttpErrorCode {
  const secure = isSecure(scheme);
  if (secure === undefined) return { tag: "HTTP-protocol-error" };
  if (authority === undefined) return { tag: "HTTP-request-URI-invalid" };
  if (typeof path === "object") return path;
  const destination = destinationOf(authority, secure);
  if (destination !== undefined && !allows(policy, destination)) return { tag: "HTTP-request-denied" };
  const { connectTimeout, firstByteTimeout, betweenBytesTimeout } = options ?? {};
  return {
    method: methodName(method),
    secure,
    destination,
    path: wirePath(path),
    headers: [["host", new TextEncoder().encode(authority)], ...headers.entries()],
    connectTimeout: fromU64(connectTimeout ?? TEN_MINUTES_NS),
    firstByteTimeout: fromU64(firstByteTimeout ?? TEN_MINUTES_NS),
    betweenBytesTimeout: fromU64(betweenBytesTimeout ?? TEN_MINUTES_NS),
  };
}

function allows(policy: NetworkPolicy, { host, port }: Destination): boolean {
  if (host.tag === "address") return policy.allowsRequestTo(undefined, socketAddressOf(host.address, port));
  return policy.allowsRequest(host.name, port);
}

/**
 * Returns the content-length in bytes, or undefined if there is none. A string tells what is wrong with it; only a
 * response's header can be wrong.
 */
export function contentLength(headers: FieldMap): number | undefined | string {
  const values = headers.get("content-length");
  const [value] = values;
  if (value === undefined) return undefined;
  if (values.length > 1) return "multiple `content-length` header values";
  const length = numberOf(value, 0, value.length);
  if (length !== undefined && length < LONGEST) return length;
  const text = latin1(value);
  const exact = parseContentLength(text);
  return exact === undefined ? `invalid \`content-length\` header value: ${JSON.stringify(text)}` : Number(exact);
}
