import { contentLengthOf } from "./body-framing.ts";
import type { HttpField } from "./error-code.ts";
import { latin1 } from "./fields.ts";

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
  const lengths = headers.filter(([name]) => name === "content-length").map(([, value]) => latin1(value));
  if (contentLengthOf(lengths) !== undefined) return "length";
  return bodyless.has(method) ? "none" : "chunked";
}

/** The head as it is sent (RFC 9112, section 3). */
export function requestHead({ method, path, headers }: RequestHead, framing: RequestFraming): Uint8Array {
  const fields: readonly HttpField[] =
    framing === "chunked" ? [...headers, ["transfer-encoding", ascii("chunked")]] : headers;
  return lines(`${method} ${path} HTTP/1.1\r\n`, fields);
}

/** The end of a chunked body, with those trailers that the head's `trailer` names. */
export function lastChunk(trailers: readonly HttpField[], { headers }: RequestHead): Uint8Array {
  const named = new Set(
    headers
      .filter(([name]) => name === "trailer")
      .flatMap(([, value]) => latin1(value).split(","))
      .map((name) => name.trim().toLowerCase()),
  );
  // Of several of a name the last, as hyper has it.
  const last = [...new Map(trailers)];
  return lines(
    "0\r\n",
    last.filter(([name]) => named.has(name) && !noTrailers.has(name)),
  );
}

/** A chunk of these bytes. */
export function chunk(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const size = ascii(`${(end - start).toString(16).toUpperCase()}\r\n`);
  const framed = new Uint8Array(size.length + end - start + 2);
  framed.set(size);
  framed.set(bytes.subarray(start, end), size.length);
  framed.set(ascii("\r\n"), framed.length - 2);
  return framed;
}

function lines(first: string, fields: readonly HttpField[]): Uint8Array {
  const names = fields.map(([name]) => ascii(`${name}: `));
  const length = fields.reduce((sum, [, value], i) => sum + names[i]!.length + value.length + 2, first.length + 2);
  const out = new Uint8Array(length);
  let at = 0;
  const put = (bytes: Uint8Array) => {
    out.set(bytes, at);
    at += bytes.length;
  };
  const end = ascii("\r\n");
  put(ascii(first));
  fields.forEach(([, value], i) => {
    put(names[i]!);
    put(value);
    put(end);
  });
  put(end);
  return out;
}

/** Characters below 0x100 as bytes. */
function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
