import { concat } from "../streams/concat.ts";
import { contentLengthOf } from "./body-framing.ts";
import type { HttpField } from "./error-code.ts";
import { byteString, valuesOf } from "./fields.ts";

const lineEnd = byteString("\r\n");

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

/** Those of which a trailer is never sent, whatever `trailer` says (hyper's list). */
const noTrailers: ReadonlySet<string> = new Set([
  ...["authorization", "cache-control", "content-encoding", "content-length", "content-range", "content-type", "host"],
  ...["max-forwards", "set-cookie", "te", "trailer", "transfer-encoding"],
]);

export function requestFraming({ method, headers }: RequestHead, body: boolean): RequestFraming {
  if (!body) return "none";
  if (contentLengthOf(valuesOf(headers, "content-length")) !== undefined) return "length";
  return bodyless.has(method) ? "none" : "chunked";
}

/** The head as it is sent (RFC 9112, section 3). */
export function requestHead({ method, path, headers }: RequestHead, framing: RequestFraming): Uint8Array {
  const fields: readonly HttpField[] =
    framing === "chunked" ? [...headers, ["transfer-encoding", byteString("chunked")]] : headers;
  return lines(`${method} ${path} HTTP/1.1\r\n`, fields);
}

/** The end of a chunked body, with those trailers that the head's `trailer` names. */
export function lastChunk(trailers: readonly HttpField[], { headers }: RequestHead): Uint8Array {
  const named = new Set(
    valuesOf(headers, "trailer")
      .flatMap((value) => value.split(","))
      .map((name) => name.trim().toLowerCase()),
  );
  // The last of each name, as hyper has it.
  const last = [...new Map(trailers)];
  return lines(
    "0\r\n",
    last.filter(([name]) => named.has(name) && !noTrailers.has(name)),
  );
}

/** A chunk of these bytes. */
export function chunk(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const size = byteString(`${(end - start).toString(16).toUpperCase()}\r\n`);
  return concat([size, bytes.subarray(start, end), lineEnd]);
}

function lines(first: string, fields: readonly HttpField[]): Uint8Array {
  const pieces = fields.flatMap(([name, value]) => [byteString(`${name}: `), value, lineEnd]);
  return concat([byteString(first), ...pieces, lineEnd]);
}
