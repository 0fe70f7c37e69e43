import type { HostInstance } from "../../../component/host.ts";
import type { HttpContext } from "../../../core/http/client/dial.ts";
import { FutureIncomingResponse } from "./incoming-response.ts";
import type { OutgoingRequest, RequestOptions } from "./outgoing-request.ts";

/** `wasi:http/outgoing-handler` */
export function outgoingHandler(cx: HttpContext, maxFieldsSize: number): HostInstance {
  return {
    handle(request: OutgoingRequest, options: RequestOptions | undefined) {
      const exchange = request.send(cx, options);
      if ("tag" in exchange) throw exchange;
      return new FutureIncomingResponse(exchange, maxFieldsSize);
    },
  };
}
