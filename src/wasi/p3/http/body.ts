import type { ByteProducer, HostFuture, ReadableBytes, ReadableFuture } from "../../../component/streams.ts";
import type { HttpErrorCode } from "../../../core/http/error-code.ts";
import type { IncomingMessage } from "../../../core/http/message.ts";
import { Relay } from "../../../core/http/relay.ts";
import type { Poll } from "../../../core/wait/poll.ts";
import { closedProducer } from "../../closed-producer.ts";
import { failure, success } from "../../stream-result.ts";
import type { Trailers, Transmission } from "./fields.ts";
import { IncomingBody, trailersOf } from "./incoming-body.ts";
import { type BodySizeError, type Exchange, OutgoingBody, transmissionFuture } from "./outgoing-body.ts";

/** The parts of the host that bodies use. */
export interface BodyContext {
  readonly poll: Poll;
  /** The machine's buffer, into which messages receive. */
  readonly buffer: Uint8Array;
  /** The most that one `fields` may hold, bytes. */
  readonly maxFieldsSize: number;
}

/** The body of a request or a response. `consume`, `send` or `drop` ends its life. */
export interface Body {
  /** `consume-body`: returns contents and trailers. @param handled how the guest's processing of them ended */
  consume(handled: ReadableFuture<Transmission>): readonly [ReadableBytes | ByteProducer, ReadableFuture<Trailers>];
  /** Returns the body to be sent, before `send` starts it. @param promised the content-length, bytes */
  outgoing(sizeError: BodySizeError, promised: number | undefined): OutgoingBody;
  /** Sends the body through an exchange. */
  send(outgoing: OutgoingBody, exchange: Exchange): void;
  /** Discards it. @param error the reason, if it was to be sent */
  drop(error?: HttpErrorCode): void;
}

/** The body of a message that the guest made. */
export class GuestBody implements Body {
  /** How its transmission, or the guest's own processing of it, ended. */
  readonly transmission = transmissionFuture();
  readonly #cx: BodyContext;
  readonly #contents: ReadableBytes | undefined;
  readonly #trailers: ReadableFuture<Trailers>;

  constructor(cx: BodyContext, contents: ReadableBytes | undefined, trailers: ReadableFuture<Trailers>) {
    this.#cx = cx;
    this.#contents = contents;
    this.#trailers = trailers;
  }

  consume(handled: ReadableFuture<Transmission>): readonly [ReadableBytes | ByteProducer, ReadableFuture<Trailers>] {
    handled.read((how) => this.transmission.resolve(how));
    return [this.#contents ?? closedProducer(this.#cx.buffer), this.#trailers];
  }

  outgoing(sizeError: BodySizeError, promised: number | undefined): OutgoingBody {
    return new OutgoingBody(sizeError, promised, this.transmission);
  }

  send(outgoing: OutgoingBody, exchange: Exchange): void {
    outgoing.begin(exchange);
    this.#trailers.read((trailers) => outgoing.follow(trailers));
    if (this.#contents === undefined) outgoing.end();
    else this.#contents.pipe(outgoing);
  }

  drop(error?: HttpErrorCode): void {
    this.#contents?.drop();
    this.#trailers.drop();
    this.transmission.resolve(error === undefined ? success : failure(error));
  }
}

/** The body of a message that was received. */
export class ReceivedBody implements Body {
  readonly #cx: BodyContext;
  readonly #message: IncomingMessage;
  readonly #abandon: () => void;

  /** @param abandon called when the rest of the message is not wanted */
  constructor(cx: BodyContext, message: IncomingMessage, abandon: () => void) {
    this.#cx = cx;
    this.#message = message;
    this.#abandon = abandon;
  }

  consume(handled: ReadableFuture<Transmission>): readonly [ByteProducer, HostFuture<Trailers>] {
    // The sender cannot be told.
    handled.read(() => {});
    const { buffer, maxFieldsSize } = this.#cx;
    const body = new IncomingBody(this.#message, buffer, maxFieldsSize, this.#abandon);
    return [body, body.trailers];
  }

  outgoing(sizeError: BodySizeError, promised: number | undefined): OutgoingBody {
    return new OutgoingBody(sizeError, promised);
  }

  /** Forwards contents and trailers as they arrive: no guest sees them. */
  send(outgoing: OutgoingBody, exchange: Exchange): void {
    outgoing.begin(exchange);
    const { poll, buffer, maxFieldsSize } = this.#cx;
    new Relay(poll, this.#message, buffer, outgoing, (taken) => {
      if (!taken) {
        this.#abandon();
        return;
      }
      const trailers = trailersOf(this.#message, maxFieldsSize);
      if (trailers.tag === "err") outgoing.abort(trailers.val);
      else {
        outgoing.follow(trailers);
        outgoing.end();
      }
    });
  }

  drop(): void {
    this.#abandon();
  }
}
