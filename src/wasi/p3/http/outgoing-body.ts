import { type ByteConsumer, HostFuture } from "../../../component/streams.ts";
import type { HttpErrorCode } from "../../../core/http/error-code.ts";
import type { BodyReceiver, BodySender, IncomingMessage } from "../../../core/http/message.ts";
import { SOCKET_PERMIT } from "../../../core/streams/output-stream.ts";
import { Condition } from "../../../core/wait/condition.ts";
import { failure, success } from "../../stream-result.ts";
import type { Trailers, Transmission } from "./fields.ts";

/** The exchange that carries a message. It knows why it failed. */
export type Exchange = BodyReceiver & Pick<IncomingMessage, "error">;

/** The error code for a body whose size differs from its content-length. */
export type BodySizeError = "HTTP-request-body-size" | "HTTP-response-body-size";

const protocolError: HttpErrorCode = { tag: "HTTP-protocol-error" };

/** Returns a future that resolves while its exchange proceeds in the background. */
export function transmissionFuture(): HostFuture<Transmission> {
  const readiness = Condition.ready();
  readiness.markPending();
  return new HostFuture(readiness);
}

/**
 * The body of a message that is sent: its contents, then its trailers. Contents are passed on as they come, while at
 * most one permit of bytes waits for the kernel. It is over when it was sent, had the wrong size, or was aborted by its
 * maker or the exchange.
 */
export class OutgoingBody implements ByteConsumer, BodySender {
  readonly readiness = Condition.ready();
  readonly #sizeError: BodySizeError;
  /** The content-length, bytes. */
  readonly #promised: number | undefined;
  readonly #transmission: HostFuture<Transmission>;
  #exchange: Exchange | undefined;
  /** Bytes that have not been passed to the kernel yet. */
  #held = 0;
  #size = 0;
  #contentsOver = false;
  #trailers: Trailers | undefined;
  /** Whether all of it was passed to the exchange. */
  #complete = false;
  #over = false;
  /** Whether the receiver does not need what was not sent. */
  #whole = false;
  #then: () => void = () => {};

  /** @param transmission resolves with how the transmission ended */
  constructor(
    sizeError: BodySizeError,
    promised: number | undefined,
    transmission: HostFuture<Transmission> = transmissionFuture(),
  ) {
    this.#sizeError = sizeError;
    this.#promised = promised;
    this.#transmission = transmission;
  }

  /** Sets the exchange, unless the body is over already. */
  begin(exchange: Exchange): void {
    this.#exchange = exchange;
    if (this.#over) this.#transmission.resolve(this.#whole ? success : failure(exchange.error ?? protocolError));
  }

  /** Whether the body is over: nothing more is taken, or nothing more comes. */
  get over(): boolean {
    return this.#over;
  }

  /** Calls `then` when the body is over; at once if it is. */
  whenOver(then: () => void): void {
    if (this.#over) then();
    else this.#then = then;
  }

  consume(bytes: Uint8Array, start: number, end: number): number | "would-block" | "closed" {
    if (this.#over || this.#exchange === undefined) return "closed";
    const size = this.#size + end - start;
    if (this.#promised !== undefined && size > this.#promised) {
      this.abort({ tag: this.#sizeError, val: BigInt(size) });
      return "closed";
    }
    if (this.#held > SOCKET_PERMIT) return "would-block";
    const taken = Math.min(end - start, SOCKET_PERMIT);
    this.#held += taken;
    this.#size += taken;
    this.#exchange.write(bytes, start, start + taken);
    if (this.#held > SOCKET_PERMIT && !this.#over) this.readiness.markPending();
    return taken;
  }

  /** Ends the contents. */
  end(): void {
    this.#contentsOver = true;
    if (this.#promised !== undefined && this.#size < this.#promised)
      this.abort({ tag: this.#sizeError, val: BigInt(this.#size) });
    else this.#finish();
  }

  /** Sets the trailers, possibly before the contents have ended. */
  follow(trailers: Trailers): void {
    this.#trailers = trailers;
    this.#finish();
  }

  #finish(): void {
    const trailers = this.#trailers;
    if (this.#over || this.#complete || !this.#contentsOver || trailers === undefined) return;
    if (trailers.tag === "err") {
      this.abort(trailers.val);
      return;
    }
    this.#complete = true;
    this.#exchange?.finish(trailers.val?.map.entries() ?? []);
  }

  sent(): void {
    this.#held = 0;
    if (this.#complete) this.#end(success);
    else this.readiness.markReady();
  }

  stop(whole = false): void {
    this.#whole = whole;
    if (this.#exchange === undefined) this.#over = true;
    else this.#end(whole ? success : failure(this.#exchange.error ?? protocolError));
  }

  /** Ends the body early, with that error. */
  abort(error: HttpErrorCode): void {
    if (this.#over) return;
    const exchange = this.#exchange;
    this.#end(failure(error));
    exchange?.abort(error);
  }

  #end(how: Transmission): void {
    if (this.#over) return;
    this.#over = true;
    this.readiness.markReady();
    this.#transmission.resolve(how);
    this.#then();
  }
}
