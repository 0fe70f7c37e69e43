import { headLines } from "../body-encoding.ts";
import { contentLengthOf } from "../body-framing.ts";
import type { HttpField } from "../error-code.ts";
import { byteString, valuesOf } from "../fields.ts";

/** How a request's body is framed. `none`: there is no body, even if the guest writes one. */
export type RequestFraming = "none" | "length" | "chunked";

export interface RequestHead {
  readonly method: string;
  /** Begins with `/`, or is `*`. Bytes above 0x7f are one character each. */
  readonly path: string;
  /** Includes `host`. */
  readonly headers: readonly HttpField[];
}

/** Methods that have a body only if they declare its length, as in hyper: an empty chunked body would be pointless. */
const bodyless: ReadonlySet<string> = new Set(["GET", "HEAD", "CONNECT"]);

export function requestFraming({ method, headers }: RequestHead, body: boolean): RequestFraming {
  if (!body) return "none";
  if (contentLengthOf(valuesOf(headers, "content-length")) !== undefined) return "length";
  return bodyless.has(method) ? "none" : "chunked";
}

/** Returns the head as it is sent (RFC 9112, section 3). */
export function requestHead({ method, path, headers }: RequestHead, framing: RequestFraming): Uint8Array {
  const fields: readonly HttpField[] =
    framing === "chunked" ? [...headers, ["transfer-encoding", byteString("chunked")]] : headers;
  return headLines(`${method} ${path} HTTP/1.1\r\n`, fields);
}
