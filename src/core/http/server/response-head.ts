import type { HttpField } from "../error-code.ts";
import { MAX_NAME } from "../fields.ts";
import { LONGEST, LOWER, numberOf, VALUE } from "../octets.ts";
import { isWord } from "./known.ts";
import type { Output } from "./output.ts";

/** How a response's body is framed. `none`: there is no body, even if one is written. */
export type ResponseFraming =
  | { readonly tag: "none" | "chunked" | "close" }
  | { readonly tag: "length"; readonly length: number };

export interface ResponseRequest {
  readonly method: string;
  readonly minor: 0 | 1;
}

const none: ResponseFraming = { tag: "none" };
const chunked: ResponseFraming = { tag: "chunked" };
const untilClose: ResponseFraming = { tag: "close" };
const empty: ResponseFraming = { tag: "length", length: 0 };

/**
 * The fields of a response that belong to the connection, which are never sent as given. `content-length` is written by the
 * framing.
 */
const hopByHop: ReadonlySet<string> = new Set([
  ...["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "te", "http2-settings"],
  "content-length",
]);

/** Returns the framing of a response. @param body Whether there is one */
export function responseFraming(
  request: ResponseRequest,
  status: number,
  headers: readonly HttpField[],
  body: boolean,
): ResponseFraming {
  if (request.method === "HEAD" || status === 204 || status === 304) return none;
  if (!body) return empty;
  const length = lengthOf(headers);
  if (length !== undefined) return { tag: "length", length };
  return request.minor === 1 ? chunked : untilClose;
}

/** Returns the length that the fields give; undefined if there is none, or it is not valid. */
function lengthOf(headers: readonly HttpField[]): number | undefined {
  let length: number | undefined;
  for (const [name, value] of headers) {
    if (name !== "content-length") continue;
    const said = numberOf(value, 0, value.length);
    if (said === undefined || said === LONGEST || (length !== undefined && said !== length)) return undefined;
    length = said;
  }
  return length;
}

/** Whether a field may stand in a head: it must not split it. */
export function isSound([name, value]: HttpField): boolean {
  if (name.length === 0 || name.length > MAX_NAME) return false;
  for (let i = 0; i < name.length; i++) if (!(LOWER[name.charCodeAt(i)]! > 0)) return false;
  for (let i = 0; i < value.length; i++) if (VALUE[value[i]!] === 0) return false;
  return true;
}

/** Whether the fields ask to close the connection after the response. */
export function asksToClose(headers: readonly HttpField[]): boolean {
  return headers.some(([name, value]) => name === "connection" && isWord("close", value, 0, value.length));
}

/** Writes the fields of a response's head, and the empty line. @param date The field with its CR LF */
export function putFields(
  output: Output,
  request: ResponseRequest,
  status: number,
  headers: readonly HttpField[],
  framing: ResponseFraming,
  keepAlive: boolean,
  date: Uint8Array,
): void {
  let dated = false;
  for (const field of headers) {
    const name = field[0].toLowerCase();
    if (hopByHop.has(name)) continue;
    if (name === "date") dated = true;
    // `trailer` announces fields that only a chunked body has.
    if (name !== "trailer" || framing.tag === "chunked") putField(output, name, field[1]);
  }
  if (framing.tag === "length") output.text(`content-length: ${framing.length}\r\n`);
  else if (framing.tag === "chunked") output.text("transfer-encoding: chunked\r\n");
  else if (framing.tag === "none" && status !== 204) putSaidLength(output, headers);
  if (!keepAlive && request.minor === 1) output.text("connection: close\r\n");
  else if (keepAlive && request.minor === 0) output.text("connection: keep-alive\r\n");
  if (!dated) output.put(date);
  output.text("\r\n");
}

/** Writes the content-length of a body that is not sent (RFC 9110, section 8.6). */
function putSaidLength(output: Output, headers: readonly HttpField[]): void {
  const length = lengthOf(headers);
  if (length !== undefined) output.text(`content-length: ${length}\r\n`);
}

/** Writes the fields of an interim response. */
export function putInterimFields(output: Output, headers: readonly HttpField[]): void {
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    if (!hopByHop.has(lower)) putField(output, lower, value);
  }
  output.text("\r\n");
}

function putField(output: Output, name: string, value: Uint8Array): void {
  output.text(name);
  output.text(": ");
  output.put(value);
  output.text("\r\n");
}
