import type { Condition } from "../wait/condition.ts";
import type { HttpErrorCode, HttpField } from "./error-code.ts";

/** A message that comes in, response or request: its body in pieces, then its trailers; at any time an error instead. */
export interface IncomingMessage {
  /** Settled when it is over. */
  readonly finished: Condition;
  /** All of it has come, or never will. */
  readonly over: boolean;
  readonly error: HttpErrorCode | undefined;
  readonly trailers: readonly HttpField[] | undefined;
  /** ns on the machine's clock */
  now(): number;
  /** A look without waiting, in which others go on too. */
  look(): void;
  /** The body's stream has this readiness from now on. */
  read(readable: Condition): void;
  /** Puts up to `max` bytes of the body at the start of the machine's buffer; 0: it has ended, with `error` or without. */
  receive(max: number): number | "would-block";
  /** Nobody reads the rest of the body: what matters are the trailers. */
  discard(): void;
  /** Nobody wants what still comes. */
  cancel(): void;
}

/** Events of the body of an outgoing message. */
export interface BodySender {
  /** All that was written has left for the kernel. */
  sent(): void;
  /** Nobody takes more. @param whole Nor is more missed: the response to this request has no body */
  stop(whole?: boolean): void;
}

/** The sink for the body of an outgoing message. */
export interface BodyReceiver {
  /** Takes a piece; `BodySender.sent` tells when it has left. */
  write(bytes: Uint8Array, start: number, end: number): void;
  /** The body is complete. */
  finish(trailers: readonly HttpField[]): void;
  /** It ends before its end. @param error Why, where that is known */
  abort(error?: HttpErrorCode): void;
}

/** The head of a request that came in (RFC 9112, section 3). */
export interface IncomingRequestHead {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** The authority: of a target in absolute form, else of `host`, where it may be empty; undefined: neither is there. */
  readonly authority: string | undefined;
  /** The scheme of a target in absolute form, in lower case. */
  readonly scheme: string | undefined;
  readonly minor: number;
  readonly headers: readonly HttpField[];
}

/** A request that came in, and its response, which is to be given. */
export interface ServedRequest extends IncomingMessage, BodyReceiver {
  readonly head: IncomingRequestHead;
  /** Settled when the client is gone: nobody reads the response. */
  readonly gone: Condition;
  /** Whether its response has begun. */
  readonly responded: boolean;
  /** Its response is whole, or nothing more of it gets anywhere. */
  readonly complete: boolean;
  /** An interim response. @param status 100 to 199 */
  inform(status: number, headers: readonly HttpField[]): void;
  /** Begins the response. @param body Whose body it has, which is written to this; undefined: it has none */
  respond(status: number, headers: readonly HttpField[], body: BodySender | undefined): void;
}
