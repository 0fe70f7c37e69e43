import type { BodySender, HttpExchange } from "../../../core/http/exchange.ts";
import { OutputStream, SOCKET_PERMIT } from "../../../core/streams/output-stream.ts";
import type { StreamError } from "../../../core/streams/stream-error.ts";
import type { Poll } from "../../../core/wait/poll.ts";
import type { HttpErrorCode } from "../../../machine/http.ts";
import { OutputStreamResource } from "../io/output-stream.ts";
import { Resource } from "../io/resource.ts";
import { HttpFailure } from "./failure.ts";
import type { Fields } from "./fields.ts";

/** Which side's body it is, for the error that says that it had another size than promised. */
export type BodySizeError = "HTTP-request-body-size" | "HTTP-response-body-size";

/**
 * `wasi:http/types.outgoing-body`. It can be written to before its request is handled: then its pieces wait here, and as
 * long as nobody takes them, at most two permits of them.
 */
export class OutgoingBody extends Resource implements BodySender {
  readonly #poll: Poll;
  readonly #sizeError: BodySizeError;
  /** What content-length promises, bytes. */
  readonly #promised: number | undefined;
  #stream: OutgoingBodyStream | undefined;
  #exchange: HttpExchange | undefined;
  readonly #waiting: ArrayBuffer[] = [];
  /** Bytes that have not left for the kernel. */
  #held = 0;
  #size = 0;
  #end: "finished" | "aborted" | undefined;
  #trailers: Fields | undefined;
  #stopped = false;

  constructor(poll: Poll, sizeError: BodySizeError, promised: number | undefined) {
    super();
    this.#poll = poll;
    this.#sizeError = sizeError;
    this.#promised = promised;
  }

  /** The stream, once. */
  write(): OutputStreamResource | undefined {
    if (this.#stream !== undefined) return undefined;
    this.#stream = new OutgoingBodyStream(this.#poll, this);
    return new OutputStreamResource(this.#stream, this);
  }

  get stopped(): boolean {
    this.#exchange?.client.pump();
    return this.#stopped;
  }

  get full(): boolean {
    return this.#held > SOCKET_PERMIT;
  }

  /** Whether so many bytes more are within what was promised; else the error that the stream then has. */
  admits(length: number): HttpErrorCode | undefined {
    const size = this.#size + length;
    if (this.#promised === undefined || size <= this.#promised) return undefined;
    return { tag: this.#sizeError, val: BigInt(size) };
  }

  /** Takes the piece, for good. */
  send(piece: ArrayBuffer): number {
    // Once it is handed over its length is 0.
    const length = piece.byteLength;
    this.#size += length;
    this.#held += length;
    if (this.#exchange === undefined) this.#waiting.push(piece);
    else this.#exchange.write(piece);
    if (this.full) this.#await();
    return length;
  }

  /** From now on the body goes to this exchange. */
  attach(exchange: HttpExchange): void {
    this.#exchange = exchange;
    for (const piece of this.#waiting.splice(0)) exchange.write(piece);
    if (this.full) this.#await();
    this.#tellEnd();
  }

  written(length: number): void {
    this.#held -= length;
    if (!this.full) this.#stream?.readiness.settle();
  }

  stop(): void {
    this.#stopped = true;
    this.#stream?.readiness.settle();
  }

  /** The body is complete. Answers what is wrong with its size, which aborts it. @throws Trap while its stream is there */
  finish(trailers: Fields | undefined): HttpErrorCode | undefined {
    super[Symbol.dispose]();
    const complete = this.#promised === undefined || this.#promised === this.#size;
    this.#end = complete ? "finished" : "aborted";
    this.#trailers = trailers;
    this.#tellEnd();
    return complete ? undefined : { tag: this.#sizeError, val: BigInt(this.#size) };
  }

  /** Dropped before it was finished: the request fails. */
  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.#end = "aborted";
    this.#tellEnd();
  }

  #tellEnd(): void {
    if (this.#end === "finished") this.#exchange?.finish(this.#trailers?.map.entries() ?? []);
    else if (this.#end === "aborted") this.#exchange?.abort();
  }

  #await(): void {
    if (this.#stream === undefined) return;
    if (this.#exchange === undefined) this.#stream.readiness.suspend();
    else this.#exchange.client.awaitEvent(this.#stream.readiness);
  }
}

/** The stream of an outgoing body: `closed` when the exchange is over. */
export class OutgoingBodyStream extends OutputStream {
  readonly #body: OutgoingBody;

  constructor(poll: Poll, body: OutgoingBody) {
    super(
      poll,
      { source: undefined, send: (bytes, start = 0, end = bytes.length) => body.send(bytes.slice(start, end).buffer) },
      { permit: SOCKET_PERMIT, strict: true },
    );
    this.#body = body;
  }

  override checkWrite(): number | StreamError {
    if (this.#body.stopped) return "closed";
    return this.#body.full ? 0 : super.checkWrite();
  }

  override write(bytes: Uint8Array, start = 0, end = bytes.length): StreamError | undefined {
    if (this.#body.stopped) return "closed";
    const error = this.#body.admits(end - start);
    return error === undefined ? super.write(bytes, start, end) : new HttpFailure(error);
  }

  override flush(): StreamError | undefined {
    return this.#body.stopped ? "closed" : undefined;
  }
}
