import type { StartHttpThread } from "../../adapters/http-contract.ts";
import { HttpClient } from "../../core/http-client.ts";
import { MAX_FIELDS_SIZE } from "../../core/http-fields.ts";
import type { MakeImports } from "../packages.ts";
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
      "wasi:http/types@0.2.12": httpTypes(host, maxFieldsSize),
      "wasi:http/outgoing-handler@0.2.12": outgoingHandler(host, client, limits),
    };
  };
}
