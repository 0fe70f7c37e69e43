import { contentLengthOf, type Framing } from "../body-framing.ts";
import { valuesOf } from "../fields.ts";
import type { ResponseHead } from "./response-head.ts";

/** The largest content-length that is accepted, bytes (hyper's). */
const MAX_LENGTH = 0xffff_ffff_ffff_fffdn;

const empty: Framing = { tag: "length", length: 0 };

/** Matches a value that can be read as text. */
const isAscii = /^[\t\x20-\x7e]*$/;

/**
 * Returns the framing of the final response to a request with that method, as hyper does; undefined if the head is contradictory.
 */
export function framingOf({ status, minor, headers }: ResponseHead, method: string): Framing | undefined {
  if (status === 101 || status === 204 || status === 304 || method === "HEAD") return empty;
  if (method === "CONNECT" && status >= 200 && status < 300) return empty;
  const encodings = valuesOf(headers, "transfer-encoding");
  if (encodings.length > 0) {
    if (minor === 0) return undefined;
    const last = encodings.at(-1)!;
    const coding = last.split(",").at(-1)!.trim().toLowerCase();
    return { tag: coding === "chunked" && isAscii.test(last) ? "chunked" : "close" };
  }
  const lengths = valuesOf(headers, "content-length");
  if (lengths.length === 0) return { tag: "close" };
  const length = contentLengthOf(lengths);
  return length === undefined || length > MAX_LENGTH ? undefined : { tag: "length", length: Number(length) };
}
