import type { HostInstance } from "../../../component/host.ts";
import type { HttpContext } from "../../../core/http/client/dial.ts";
import { HttpExchange, type HttpRequest } from "../../../core/http/client/exchange.ts";
import type { HttpErrorCode } from "../../../core/http/error-code.ts";
import { FieldMap } from "../../../core/http/fields.ts";
import type { Blocking } from "../../../core/wait/poll.ts";
import { contentLength, outgoingRequest } from "../../http/request.ts";
import { type BodyContext, ReceivedBody } from "./body.ts";
import type { OutgoingBody } from "./outgoing-body.ts";
import type { RequestResource } from "./request.ts";
import { ResponseResource } from "./response.ts";

/**
 * Makes `wasi:http/client`: `send` sends a request and waits for its response. It throws the `error-code` of one that
 * is invalid, denied or fails.
 */
export function client(http: HttpContext, cx: BodyContext): HostInstance {
  function* send(request: RequestResource): Blocking<ResponseResource> {
    const [made, outgoing] = prepared(http, request);
    const exchange = new HttpExchange(http, made, outgoing);
    request.body.send(outgoing, exchange);
    let response: ResponseResource | undefined;
    try {
      while (exchange.head === undefined && !exchange.over) yield exchange.responded;
      response = responseOf(exchange, outgoing, cx);
    } finally {
      if (response === undefined) exchange.cancel();
    }
    return response;
  }

  return { send };
}

/** Returns the request to send, and its body. @throws HttpErrorCode if it cannot be sent; its body is dropped then */
function prepared({ policy }: HttpContext, request: RequestResource): readonly [HttpRequest, OutgoingBody] {
  const { body, headers, options } = request;
  const refuse = (error: HttpErrorCode): never => {
    body.drop(error);
    throw error;
  };
  const length = contentLength(headers);
  if (typeof length === "string") return refuse({ tag: "internal-error", val: length });
  const made = outgoingRequest(request, request.path ?? "/", options?.timeouts, policy);
  return "tag" in made ? refuse(made) : [made, body.outgoing("HTTP-request-body-size", length)];
}

function responseOf(exchange: HttpExchange, outgoing: OutgoingBody, cx: BodyContext): ResponseResource {
  const { head } = exchange;
  if (head === undefined) throw exchange.error ?? { tag: "HTTP-protocol-error" };
  // The rest of the response is not wanted; the request's body is still sent to its end.
  const abandon = () => outgoing.whenOver(() => exchange.cancel());
  const body = new ReceivedBody(cx, exchange, abandon);
  return new ResponseResource(head.status, FieldMap.received(cx.maxFieldsSize, head.headers), body);
}
