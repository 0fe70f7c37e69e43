import { LONGEST, numberOf } from "../octets.ts";
import { eachElement, isWord } from "./known.ts";
import { authorityOf } from "./request-target.ts";

/**
 * Those fields of a request that are the connection's business: where a body ends, whether another request may follow. A field
 * that breaks the framing makes `status` an error: what another server on the way may have read otherwise is refused.
 */
export class RequestFields {
  /** The status of the error that the fields are; 0: they are valid. */
  status = 0;
  #hosts = 0;
  host: string | undefined;
  /** The body's length, bytes; undefined: not said. */
  length: number | undefined;
  /** How many codings it is transferred in, and whether the last is `chunked`. */
  #codings = 0;
  #chunked = 0;
  #lastIsChunked = false;
  close = false;
  keepAlive = false;
  expectsContinue = false;
  acceptsTrailers = false;

  reset(): void {
    this.status = 0;
    this.#hosts = 0;
    this.host = undefined;
    this.length = undefined;
    this.#codings = 0;
    this.#chunked = 0;
    this.#lastIsChunked = false;
    this.close = false;
    this.keepAlive = false;
    this.expectsContinue = false;
    this.acceptsTrailers = false;
  }

  get chunked(): boolean {
    return this.#codings > 0;
  }

  /** A field: its name up to `nameEnd`, its value without blanks around it. */
  add(bytes: Uint8Array, name: number, nameEnd: number, value: number, end: number): void {
    switch (nameEnd - name) {
      case 2:
        if (isWord("te", bytes, name, nameEnd)) this.#te(bytes, value, end);
        break;
      case 4:
        if (isWord("host", bytes, name, nameEnd)) this.#host(bytes, value, end);
        break;
      case 6:
        if (isWord("expect", bytes, name, nameEnd)) this.expectsContinue ||= isWord("100-continue", bytes, value, end);
        break;
      case 10:
        if (isWord("connection", bytes, name, nameEnd)) this.#connection(bytes, value, end);
        break;
      case 14:
        if (isWord("content-length", bytes, name, nameEnd)) this.#contentLength(bytes, value, end);
        break;
      case 17:
        if (isWord("transfer-encoding", bytes, name, nameEnd)) this.#transferEncoding(bytes, value, end);
        break;
      default:
    }
  }

  #te(bytes: Uint8Array, start: number, end: number): void {
    eachElement(bytes, start, end, (from, to) => {
      this.acceptsTrailers ||= isWord("trailers", bytes, from, to);
    });
  }

  #host(bytes: Uint8Array, start: number, end: number): void {
    // An empty one is what a client sends that has no authority.
    this.host = start === end ? "" : authorityOf(bytes, start, end);
    if (++this.#hosts > 1 || this.host === undefined) this.status ||= 400;
  }

  #connection(bytes: Uint8Array, start: number, end: number): void {
    if (isWord("keep-alive", bytes, start, end)) {
      this.keepAlive = true;
      return;
    }
    eachElement(bytes, start, end, (from, to) => {
      this.close ||= isWord("close", bytes, from, to);
      this.keepAlive ||= isWord("keep-alive", bytes, from, to);
    });
  }

  /** Digits only, and no list: where it repeats, the same. */
  #contentLength(bytes: Uint8Array, start: number, end: number): void {
    const length = numberOf(bytes, start, end);
    if (length === undefined || (this.length !== undefined && this.length !== length)) this.status ||= 400;
    this.length = length;
  }

  #transferEncoding(bytes: Uint8Array, start: number, end: number): void {
    eachElement(bytes, start, end, (from, to) => {
      // An empty element: others may find another list.
      if (from === to) this.status ||= 400;
      this.#codings++;
      this.#lastIsChunked = isWord("chunked", bytes, from, to);
      if (this.#lastIsChunked) this.#chunked++;
    });
  }

  /** All fields are in. @param maxBodySize bytes */
  check(minor: 0 | 1, maxBodySize: number): void {
    if (this.status !== 0) return;
    if (minor === 1 && this.#hosts === 0) this.status = 400;
    else if (this.chunked) this.#checkCodings(minor);
    else if (this.length !== undefined && (this.length > maxBodySize || this.length === LONGEST)) this.status = 413;
  }

  /** RFC 9112, section 6.1 and 6.3. */
  #checkCodings(minor: 0 | 1): void {
    if (minor === 0 || this.length !== undefined || !this.#lastIsChunked || this.#chunked > 1) this.status = 400;
    else if (this.#codings > 1) this.status = 501;
  }
}
