import type { HttpErrorCode } from "../../../core/http/error-code.ts";
import type { BodyReceiver, BodySender } from "../../../core/http/message.ts";
import { OutputStream, SOCKET_PERMIT } from "../../../core/streams/output-stream.ts";
import type { StreamError } from "../../../core/streams/stream-error.ts";
import type { Poll } from "../../../core/wait/poll.ts";
import { OutputStreamResource } from "../io/output-stream.ts";
import { WasiResource } from "../io/resource.ts";
import { HttpFailure } from "./failure.ts";
import type { Fields } from "./fields.ts";

/** The error code for a body whose size differs from its content-length. */
export type BodySizeError = "HTTP-request-body-size" | "HTTP-response-body-size";

/**
 * `wasi:http/types.outgoing-body`. It can be written to before its request is sent. Pieces are kept until a receiver is
 * attached: up to two permits of them.
 */
export class OutgoingBody extends WasiResource implements BodySender {
  readonly #poll: Poll;
  readonly #sizeError: BodySizeError;
  /** The content-length, bytes. */
  readonly #promised: number | undefined;
  #stream: OutgoingBodyStream | undefined;
  #receiver: BodyReceiver | undefined;
  readonly #waiting: Uint8Array[] = [];
  /** Bytes that have not been passed to the kernel yet. */
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

  /** Returns the stream the first time, then undefined. */
  write(): OutputStreamResource | undefined {
    if (this.#stream !== undefined) return undefined;
    this.#stream = new OutgoingBodyStream(this.#poll, this);
    return new OutputStreamResource(this.#stream, this);
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  get full(): boolean {
    return this.#held > SOCKET_PERMIT;
  }

  /** Returns how many of `length` more bytes still fit into the content-length. */
  fitting(length: number): number {
    return this.#promised === undefined ? length : Math.max(0, Math.min(length, this.#promised - this.#size));
  }

  /** Counts `length` more bytes. Returns the error for the stream if they exceed the content-length. */
  count(length: number): HttpErrorCode | undefined {
    this.#size += length;
    if (this.#promised === undefined || this.#size <= this.#promised) return undefined;
    return { tag: this.#sizeError, val: BigInt(this.#size) };
  }

  /** Accepts all bytes: sends or keeps them. */
  send(bytes: Uint8Array, start: number, end: number): number {
    const length = end - start;
    this.#held += length;
    if (this.#receiver === undefined) this.#waiting.push(bytes.slice(start, end));
    else this.#receiver.write(bytes, start, end);
    if (this.full) this.#stream?.readiness.markPending();
    return length;
  }

  /** Sets the receiver, which gets the bytes kept so far and all later ones. */
  attach(receiver: BodyReceiver): void {
    this.#receiver = receiver;
    for (const piece of this.#waiting.splice(0)) receiver.write(piece, 0, piece.length);
    this.#tellEnd();
  }

  sent(): void {
    // Pieces that wait here have not been passed on yet.
    this.#held = this.#waiting.reduce((sum, { length }) => sum + length, 0);
    if (!this.full) this.#stream?.readiness.markReady();
  }

  stop(): void {
    this.#stopped = true;
    this.#stream?.readiness.markReady();
  }

  /**
   * Completes the body. Returns an error if its size is wrong, which aborts it.
   *
   * @throws Trap while its stream is not dropped
   */
  finish(trailers: Fields | undefined): HttpErrorCode | undefined {
    super[Symbol.dispose]();
    const complete = this.#promised === undefined || this.#promised === this.#size;
    // Of a body that was too long, exactly the promised bytes were sent.
    this.#end = complete || this.#size > (this.#promised ?? 0) ? "finished" : "aborted";
    this.#trailers = trailers;
    this.#tellEnd();
    return complete ? undefined : { tag: this.#sizeError, val: BigInt(this.#size) };
  }

  /** Aborts the body, and with it its message, unless it was finished. */
  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    this.#end = "aborted";
    this.#tellEnd();
  }

  #tellEnd(): void {
    if (this.#end === "finished") this.#receiver?.finish(this.#trailers?.map.entries() ?? []);
    else if (this.#end === "aborted") this.#receiver?.abort();
  }
}

/**
 * The stream of an outgoing body. It is `closed` when the exchange is over, or more was written than the
 * content-length.
 */
export class OutgoingBodyStream extends OutputStream {
  readonly #body: OutgoingBody;

  constructor(poll: Poll, body: OutgoingBody) {
    super(
      poll,
      { source: undefined, send: (bytes, start = 0, end = bytes.length) => body.send(bytes, start, end) },
      { permit: SOCKET_PERMIT, strict: true },
    );
    this.#body = body;
  }

  override checkWrite(): number | StreamError {
    if (this.#body.stopped) return "closed";
    return this.#body.full && !this.ended ? 0 : super.checkWrite();
  }

  override write(bytes: Uint8Array, start = 0, end = bytes.length): StreamError | undefined {
    if (this.#body.stopped || this.ended) return "closed";
    const fitting = this.#body.fitting(end - start);
    const failure = this.#body.count(end - start);
    const error = super.write(bytes, start, start + fitting);
    if (failure === undefined) return error;
    this.failed();
    return new HttpFailure(failure);
  }

  override flush(): StreamError | undefined {
    return this.#body.stopped ? "closed" : super.flush();
  }
}
