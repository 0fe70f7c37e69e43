import type { HostInstance } from "../../../component/host.ts";
import type { HttpContext } from "../../../core/http/client/dial.ts";
import { FutureIncomingResponse } from "./incoming-response.ts";
import type { OutgoingRequest, RequestOptions } from "./outgoing-request.ts";

/**
 * Makes `wasi:http/outgoing-handler`: `handle` sends a request and returns the future of its response. It throws the
 * `error-code` of a request that is invalid or denied.
 */
export function outgoingHandler(cx: HttpContext, maxFieldsSize: number): HostInstance {
  return {
    handle(request: OutgoingRequest, options: RequestOptions | undefined) {
      const exchange = request.send(cx, options);
      if ("tag" in exchange) throw exchange;
      return new FutureIncomingResponse(exchange, maxFieldsSize);
    },
  };
}
