import type { HostImports } from "../../../component/host.ts";
import type { HttpContext } from "../../../core/http/client/dial.ts";
import { p2 } from "../../versions.ts";
import { outgoingHandler } from "./outgoing-handler.ts";
import { httpTypes } from "./types.ts";

/** `wasi:http` 0.2, as a client has it. @param maxFieldsSize what one `fields` may hold, bytes */
export function httpImports(http: HttpContext, maxFieldsSize: number): HostImports {
  return {
    [p2("wasi:http/types")]: httpTypes(http.poll, maxFieldsSize),
    [p2("wasi:http/outgoing-handler")]: outgoingHandler(http, maxFieldsSize),
  };
}
