import type { HostImports } from "../../../component/host.ts";
import type { HttpContext } from "../../../core/http/client/dial.ts";
import { p3 } from "../../versions.ts";
import { client } from "./client.ts";
import { types } from "./types.ts";

/** `wasi:http` 0.3, as a client has it. @param maxFieldsSize what one `fields` may hold, bytes */
export function httpImports(http: HttpContext, maxFieldsSize: number): HostImports {
  const cx = { poll: http.poll, buffer: http.machine.buffer, maxFieldsSize };
  return {
    [p3("wasi:http/types")]: types(cx),
    [p3("wasi:http/client")]: client(http, cx),
  };
}
