import { HttpClient } from "../../../core/http/client.ts";
import { MAX_FIELDS_SIZE } from "../../../core/http/fields.ts";
import type { StartHttpThread } from "../../../machine/http.ts";
import type { MakeImports } from "../../host.ts";
import { p2 } from "../../versions.ts";
import { outgoingHandler } from "./outgoing-handler.ts";
import { httpTypes } from "./types.ts";

/**
 * Outgoing requests. Nothing is started before the first, and what was started ends with the host's `Poll`.
 *
 * @param start from `Machine.loadHttp`
 * @param maxFieldsSize what one `fields` may hold, bytes
 */
export function outgoingHttp(start: StartHttpThread, maxFieldsSize = MAX_FIELDS_SIZE): MakeImports {
  return (host) => {
    const client = new HttpClient(host.poll, start);
    const limits = { maxFieldsSize, buffer: host.machine.buffer };
    return {
      [p2("wasi:http/types")]: httpTypes(host, maxFieldsSize),
      [p2("wasi:http/outgoing-handler")]: outgoingHandler(host, client, limits),
    };
  };
}
