import type { Condition } from "../wait/condition.ts";
import type { HttpErrorCode, HttpField } from "./error-code.ts";

/** An incoming message, response or request: its body in pieces, then its trailers; at any time an error instead. */
export interface IncomingMessage {
  /** Holds when the message is over. */
  readonly finished: Condition;
  /** Whether all of it has come, or never will. */
  readonly over: boolean;
  readonly error: HttpErrorCode | undefined;
  readonly trailers: readonly HttpField[] | undefined;
  /** The time on the machine's clock, ns. */
  now(): number;
  /** Looks for progress without waiting. Other background work advances, too. */
  look(): void;
  /** Sets the readiness of the body's stream. */
  read(readable: Condition): void;
  /**
   * Puts up to `max` bytes of the body at the start of the machine's buffer. Returns their number; 0 if it has ended, with `error`
   * or without.
   */
  receive(max: number): number | "would-block";
  /** Skips the rest of the body, for its trailers. */
  discard(): void;
  /** Gives the message up: no more of it is wanted. */
  cancel(): void;
}

/** Events of the body of an outgoing message. */
export interface BodySender {
  /** All that was written has left for the kernel. */
  sent(): void;
  /** No more is taken. @param whole Whether nothing is missing: the response to this request has no body */
  stop(whole?: boolean): void;
}

/** The sink for the body of an outgoing message. */
export interface BodyReceiver {
  /** Takes a piece. `BodySender.sent` is called when it has left. */
  write(bytes: Uint8Array, start: number, end: number): void;
  /** Ends the body. */
  finish(trailers: readonly HttpField[]): void;
  /** Breaks the body off. @param error The reason, if it is known */
  abort(error?: HttpErrorCode): void;
}

/** The head of an incoming request (RFC 9112, section 3). */
export interface IncomingRequestHead {
  readonly method: string;
  /** Includes the query. */
  readonly path: string;
  /** The authority: of a target in absolute form, otherwise of `host`, where it may be empty; undefined if neither is there. */
  readonly authority: string | undefined;
  /** The scheme of a target in absolute form, in lower case. */
  readonly scheme: string | undefined;
  readonly minor: number;
  readonly headers: readonly HttpField[];
}

/** An incoming request, and the response to be given to it. */
export interface ServedRequest extends IncomingMessage, BodyReceiver {
  readonly head: IncomingRequestHead;
  /** Holds when the client is gone: nothing reads the response. */
  readonly gone: Condition;
  /** Whether its response has begun. */
  readonly responded: boolean;
  /** Whether its response is complete, or nothing more of it can be sent. */
  readonly complete: boolean;
  /** Sends an interim response. @param status 100 to 199 */
  inform(status: number, headers: readonly HttpField[]): void;
  /** Begins the response. @param body The owner of the body that is written to this; undefined for a response without one */
  respond(status: number, headers: readonly HttpField[], body: BodySender | undefined): void;
}
