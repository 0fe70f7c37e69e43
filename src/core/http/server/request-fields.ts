import { LONGEST, numberOf } from "../octets.ts";
import { eachElement, isWord } from "./known.ts";
import { authorityOf } from "./request-target.ts";

/**
 * The fields of a request that belong to the connection: they say where the body ends, and whether another request may follow. A
 * field that breaks the framing sets `status` to an error: another server on the way might have read it in another way.
 */
export class RequestFields {
  /** The status of the error in the fields; 0 if they are valid. */
  status = 0;
  #hosts = 0;
  host: string | undefined;
  /** The body's length, bytes; undefined if it is not given. */
  length: number | undefined;
  /** The number of transfer codings, and whether the last is `chunked`. */
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

  /** Adds a field: its name up to `nameEnd`, its value without blanks around it. */
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
    // Clients send an empty `host` if the target has no authority.
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

  /** Reads a length: digits only, not a list. If it is repeated, the values must be equal. */
  #contentLength(bytes: Uint8Array, start: number, end: number): void {
    const length = numberOf(bytes, start, end);
    if (length === undefined || (this.length !== undefined && this.length !== length)) this.status ||= 400;
    this.length = length;
  }

  #transferEncoding(bytes: Uint8Array, start: number, end: number): void {
    eachElement(bytes, start, end, (from, to) => {
      // An empty element is refused: other servers may read another list.
      if (from === to) this.status ||= 400;
      this.#codings++;
      this.#lastIsChunked = isWord("chunked", bytes, from, to);
      if (this.#lastIsChunked) this.#chunked++;
    });
  }

  /** Checks the fields together, once all are added. @param maxBodySize bytes */
  check(minor: 0 | 1, maxBodySize: number): void {
    if (this.status !== 0) return;
    if (minor === 1 && this.#hosts === 0) this.status = 400;
    else if (this.chunked) this.#checkCodings(minor);
    else if (this.length !== undefined && (this.length > maxBodySize || this.length === LONGEST)) this.status = 413;
  }

  /** Checks the transfer codings (RFC 9112, sections 6.1 and 6.3). */
  #checkCodings(minor: 0 | 1): void {
    if (minor === 0 || this.length !== undefined || !this.#lastIsChunked || this.#chunked > 1) this.status = 400;
    else if (this.#codings > 1) this.status = 501;
  }
}
