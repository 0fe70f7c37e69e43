import type { HostInstance } from "../../../component/host.ts";
import type { HttpClient } from "../../../core/http/client.ts";
import type { WasiHost } from "../../host.ts";
import { FutureIncomingResponse, type ResponseLimits } from "./incoming-response.ts";
import type { OutgoingRequest, RequestOptions } from "./outgoing-request.ts";

/** `wasi:http/outgoing-handler` */
export function outgoingHandler({ policy }: WasiHost, client: HttpClient, limits: ResponseLimits): HostInstance {
  return {
    handle(request: OutgoingRequest, options: RequestOptions | undefined) {
      const exchange = request.send(client, policy, options);
      if ("tag" in exchange) throw exchange;
      return new FutureIncomingResponse(exchange, limits);
    },
  };
}
