/** The server's side of `wasi:http/handler`: makes the guest's request, and sends the guest's response. */
import type { HttpErrorCode } from "../../../core/http/error-code.ts";
import { FieldMap } from "../../../core/http/fields.ts";
import type { IncomingMessage, IncomingRequestHead, ServedRequest } from "../../../core/http/message.ts";
import { contentLength } from "../../http/request.ts";
import { methodOf, schemeOf } from "../../http/request-target.ts";
import { type BodyContext, ReceivedBody } from "./body.ts";
import type { OutgoingBody } from "./outgoing-body.ts";
import { RequestResource } from "./request.ts";
import type { ResponseResource } from "./response.ts";

/** Returns the request that the guest gets. */
export function incomingRequest(
  cx: BodyContext,
  exchange: IncomingMessage,
  { method, path, authority, scheme, headers }: IncomingRequestHead,
): RequestResource {
  const body = new ReceivedBody(cx, exchange, () => exchange.discard());
  const target = {
    method: methodOf(method),
    path,
    authority,
    scheme: scheme === undefined ? undefined : schemeOf(scheme),
  };
  return new RequestResource(FieldMap.received(cx.maxFieldsSize, headers), body, undefined, target);
}

/**
 * Sends the guest's response. Returns its body, which tells when it is over. If content-length is not a valid number,
 * sends nothing and returns the error.
 */
export function sendResponse(exchange: ServedRequest, response: ResponseResource): OutgoingBody | HttpErrorCode {
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
