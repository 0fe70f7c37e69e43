import { concat } from "../streams/concat.ts";
import type { HttpField } from "./error-code.ts";
import { byteString, valuesOf } from "./fields.ts";

const lineEnd = byteString("\r\n");

/** Fields that are never sent as trailers, whatever `trailer` says (hyper's list). */
const noTrailers: ReadonlySet<string> = new Set([
  ...["authorization", "cache-control", "content-encoding", "content-length", "content-range", "content-type", "host"],
  ...["max-forwards", "set-cookie", "te", "trailer", "transfer-encoding"],
]);

/** Returns the end of a chunked body: the last chunk and the trailers. */
export function lastChunk(trailers: readonly HttpField[]): Uint8Array {
  return headLines(
    "0\r\n",
    trailers.filter(([name]) => !noTrailers.has(name)),
  );
}

/** Returns the trailers that the head's `trailer` announces, the last of each name, as hyper does. */
export function announced(trailers: readonly HttpField[], headers: readonly HttpField[]): readonly HttpField[] {
  const named = new Set(
    valuesOf(headers, "trailer")
      .flatMap((value) => value.split(","))
      .map((name) => name.trim().toLowerCase()),
  );
  return [...new Map(trailers)].filter(([name]) => named.has(name));
}

/** Returns the bytes as a chunk. */
export function chunk(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const size = byteString(`${(end - start).toString(16).toUpperCase()}\r\n`);
  return concat([size, bytes.subarray(start, end), lineEnd]);
}

/** Returns the first line of a head, or of the end of a body, followed by its fields. */
export function headLines(first: string, fields: readonly HttpField[]): Uint8Array {
  const pieces = fields.flatMap(([name, value]) => [byteString(`${name}: `), value, lineEnd]);
  return concat([byteString(first), ...pieces, lineEnd]);
}
