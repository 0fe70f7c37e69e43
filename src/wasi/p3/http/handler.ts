/** What a server does with the messages of `wasi:http/handler`: a request for the guest, and the guest's response. */
import type { HttpErrorCode, HttpField } from "../../../core/http/error-code.ts";
import { FieldMap } from "../../../core/http/fields.ts";
import type { BodyReceiver, BodySender, IncomingMessage } from "../../../core/http/message.ts";
import type { Condition } from "../../../core/wait/condition.ts";
import { contentLength } from "../../http/request.ts";
import { methodOf, schemeOf } from "../../http/request-target.ts";
import { type BodyContext, ReceivedBody } from "./body.ts";
import type { OutgoingBody } from "./outgoing-body.ts";
import { Request } from "./request.ts";
import type { Response } from "./response.ts";

/** What came before the body of a request. */
export interface IncomingHead {
  readonly method: string;
  /** With the query. */
  readonly path: string | undefined;
  readonly authority: string | undefined;
  /** `http` or `https` */
  readonly scheme: string | undefined;
  readonly headers: readonly HttpField[];
}

/** A request that came in, and the way back. */
export interface ServedExchange extends IncomingMessage, BodyReceiver {
  readonly head: IncomingHead;
  /** Settled when the client is gone. */
  readonly gone: Condition;
  /** @param body Writes the body to this; undefined: there is none */
  respond(status: number, headers: readonly HttpField[], body: BodySender | undefined): void;
}

/** The request as the guest is given it. */
export function incomingRequest(cx: BodyContext, exchange: ServedExchange): Request {
  const { method, path, authority, scheme, headers } = exchange.head;
  const body = new ReceivedBody(cx, exchange, () => exchange.discard());
  const target = {
    method: methodOf(method),
    path,
    authority,
    scheme: scheme === undefined ? undefined : schemeOf(scheme),
  };
  return new Request(FieldMap.received(cx.maxFieldsSize, headers), body, undefined, target);
}

/**
 * Sends the guest's response. Returns its body, which tells when it is over; or why it cannot be sent, when nothing was: its
 * content-length is none.
 */
export function sendResponse(exchange: ServedExchange, response: Response): OutgoingBody | HttpErrorCode {
  const { status, headers, body } = response;
  const length = contentLength(headers);
  if (typeof length === "string") {
    const error: HttpErrorCode = { tag: "internal-error", val: length };
    body.drop(error);
    return error;
  }
  const outgoing = body.outgoing("HTTP-response-body-size", length);
  exchange.respond(status, headers.entries(), outgoing);
  body.send(outgoing, exchange);
  return outgoing;
}
