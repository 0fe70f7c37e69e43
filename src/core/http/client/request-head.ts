import { headLines } from "../body-encoding.ts";
import { contentLengthOf } from "../body-framing.ts";
import type { HttpField } from "../error-code.ts";
import { byteString, valuesOf } from "../fields.ts";

/** How a request's body is framed. `none`: it has none, whatever the guest writes. */
export type RequestFraming = "none" | "length" | "chunked";

export interface RequestHead {
  readonly method: string;
  /** Begins with `/`, or is `*`; bytes above 0x7f stand as such, one a character. */
  readonly path: string;
  /** With `host`. */
  readonly headers: readonly HttpField[];
}

/** Those that have no body unless they say its length, as in hyper: an empty chunked one would be of no use. */
const bodyless: ReadonlySet<string> = new Set(["GET", "HEAD", "CONNECT"]);

export function requestFraming({ method, headers }: RequestHead, body: boolean): RequestFraming {
  if (!body) return "none";
  if (contentLengthOf(valuesOf(headers, "content-length")) !== undefined) return "length";
  return bodyless.has(method) ? "none" : "chunked";
}

/** The head as it is sent (RFC 9112, section 3). */
export function requestHead({ method, path, headers }: RequestHead, framing: RequestFraming): Uint8Array {
  const fields: readonly HttpField[] =
    framing === "chunked" ? [...headers, ["transfer-encoding", byteString("chunked")]] : headers;
  return headLines(`${method} ${path} HTTP/1.1\r\n`, fields);
}
