import type { ByteProducer, HostFuture, ReadableBytes, ReadableFuture } from "../../../component/streams.ts";
import type { HttpErrorCode } from "../../../core/http/error-code.ts";
import type { IncomingMessage } from "../../../core/http/message.ts";
import { Relay } from "../../../core/http/relay.ts";
import type { Poll } from "../../../core/wait/poll.ts";
import { closedProducer } from "../../closed-producer.ts";
import { failure, success } from "../../end.ts";
import type { Trailers, Transmission } from "./fields.ts";
import { IncomingBody, trailersOf } from "./incoming-body.ts";
import { type BodySizeError, type Exchange, OutgoingBody, transmissionFuture } from "./outgoing-body.ts";

/** What bodies need of their host. */
export interface BodyContext {
  readonly poll: Poll;
  /** The machine's, where messages leave bytes. */
  readonly buffer: Uint8Array;
  /** what one `fields` may hold, bytes */
  readonly maxFieldsSize: number;
}

/** The body of a request or a response. One of these calls ends its life. */
export interface Body {
  /** `consume-body`: contents and trailers. @param handled Tells how the guest that takes them got on */
  consume(handled: ReadableFuture<Transmission>): readonly [ReadableBytes | ByteProducer, ReadableFuture<Trailers>];
  /** It is to go out: who takes it, once `send` says where. @param promised What content-length says, bytes */
  outgoing(sizeError: BodySizeError, promised: number | undefined): OutgoingBody;
  send(outgoing: OutgoingBody, exchange: Exchange): void;
  /** It goes nowhere. @param error Why, if it was to */
  drop(error?: HttpErrorCode): void;
}

/** Of a message that the guest has made. */
export class GuestBody implements Body {
  /** How it was transmitted, or handled by the guest itself. */
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

/** Of a message that came in. */
export class ReceivedBody implements Body {
  readonly #cx: BodyContext;
  readonly #message: IncomingMessage;
  readonly #abandon: () => void;

  /** @param abandon Called when what still comes is not wanted */
  constructor(cx: BodyContext, message: IncomingMessage, abandon: () => void) {
    this.#cx = cx;
    this.#message = message;
    this.#abandon = abandon;
  }

  consume(handled: ReadableFuture<Transmission>): readonly [ByteProducer, HostFuture<Trailers>] {
    // Nobody is there to be told.
    handled.read(() => {});
    const { buffer, maxFieldsSize } = this.#cx;
    const body = new IncomingBody(this.#message, buffer, maxFieldsSize, this.#abandon);
    return [body, body.trailers];
  }

  outgoing(sizeError: BodySizeError, promised: number | undefined): OutgoingBody {
    return new OutgoingBody(sizeError, promised);
  }

  /** Sent on as it comes, its trailers too: no guest is between. */
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
