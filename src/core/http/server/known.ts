import { latin1 } from "../fields.ts";

/** Finds common methods and names by their bytes, without making a string. */

const methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];

const names = [
  ...["accept", "accept-charset", "accept-encoding", "accept-language", "access-control-request-headers"],
  ...["access-control-request-method", "age", "authorization", "cache-control", "connection", "content-encoding"],
  ...["content-length", "content-type", "cookie", "date", "dnt", "expect", "forwarded", "from", "host", "if-match"],
  ...["if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "keep-alive", "origin", "pragma"],
  ...["priority", "range", "referer", "sec-ch-ua", "sec-ch-ua-mobile", "sec-ch-ua-platform", "sec-fetch-dest"],
  ...["sec-fetch-mode", "sec-fetch-site", "sec-fetch-user", "te", "traceparent", "tracestate", "trailer"],
  ...["transfer-encoding", "upgrade", "upgrade-insecure-requests", "user-agent", "via", "x-forwarded-for"],
  ...["x-forwarded-host", "x-forwarded-proto", "x-real-ip", "x-request-id", "x-requested-with"],
];

/** The number of places in the table, a power of two. Some stay empty. */
const PLACES = 512;

export const HASH = 31;

class Known {
  readonly #texts: (string | undefined)[] = new Array<string | undefined>(PLACES).fill(undefined);

  constructor(texts: readonly string[]) {
    for (const text of texts) this.#texts[this.#free(hashOf(text))] = text;
  }

  #free(hash: number): number {
    let place = hash & (PLACES - 1);
    while (this.#texts[place] !== undefined) place = (place + 1) & (PLACES - 1);
    return place;
  }

  /** Returns the known text with these bytes, if there is one. `map` maps bytes before they are compared. */
  find(hash: number, bytes: Uint8Array, start: number, end: number, map: Uint8Array): string | undefined {
    for (let place = hash & (PLACES - 1); ; place = (place + 1) & (PLACES - 1)) {
      const text = this.#texts[place];
      if (text === undefined || isText(text, bytes, start, end, map)) return text;
    }
  }
}

function hashOf(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, HASH) + text.charCodeAt(i)) | 0;
  return hash;
}

function isText(text: string, bytes: Uint8Array, start: number, end: number, map: Uint8Array): boolean {
  if (text.length !== end - start) return false;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) !== map[bytes[start + i]!]) return false;
  return true;
}

const asTheyAre = Uint8Array.from({ length: 256 }, (_, byte) => byte);
const lowerCase = asTheyAre.map((byte) => (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte));
const knownMethods: Readonly<Known> = new Known(methods);
const knownNames: Readonly<Known> = new Known(names);

export function methodOf(bytes: Uint8Array, start: number, end: number): string {
  let hash = 0;
  for (let at = start; at < end; at++) hash = (Math.imul(hash, HASH) + bytes[at]!) | 0;
  return knownMethods.find(hash, bytes, start, end, asTheyAre) ?? latin1(bytes, start, end);
}

/** Returns a field's name in lower case. */
export function nameOf(bytes: Uint8Array, start: number, end: number): string {
  let hash = 0;
  for (let at = start; at < end; at++) hash = (Math.imul(hash, HASH) + lowerCase[bytes[at]!]!) | 0;
  return knownNames.find(hash, bytes, start, end, lowerCase) ?? latin1(bytes, start, end).toLowerCase();
}

/** Whether these bytes are `text`, ignoring case. `text` is in lower case. */
export function isWord(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  return isText(text, bytes, start, end, lowerCase);
}

/** Calls a function for each element of a comma-separated list, with its start and end, without blanks around it. */
export function eachElement(
  bytes: Uint8Array,
  start: number,
  end: number,
  visit: (start: number, end: number) => void,
): void {
  for (let from = start; from <= end; ) {
    let to = from;
    while (to < end && bytes[to] !== 0x2c) to++;
    const [first, last] = trimmed(bytes, from, to);
    visit(first, last);
    from = to + 1;
  }
}

/** Returns the range without spaces and tabs at its ends. `String.trim` would remove other bytes that belong to a value. */
export function trimmed(bytes: Uint8Array, start: number, end: number): readonly [number, number] {
  let first = start;
  let last = end;
  while (first < last && isBlank(bytes[first]!)) first++;
  while (last > first && isBlank(bytes[last - 1]!)) last--;
  return [first, last];
}

export function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 9;
}
