import type { StartHttpThread } from "../../adapters/http-contract.ts";
import type { HostImports } from "../../component/host.ts";
import { HttpClient } from "../../core/http-client.ts";
import { MAX_FIELDS_SIZE } from "../../core/http-fields.ts";
import type { WasiHost } from "../host.ts";
import { outgoingHandler } from "./outgoing-handler.ts";
import { httpTypes } from "./types.ts";

/** Makes `wasi:http` for the guest of this host. */
export type MakeHttp = (host: WasiHost) => HostImports;

/**
 * Outgoing requests. Nothing is started before the first, and what was started ends with the host's `Poll`.
 *
 * @param start from `Machine.loadHttp`
 * @param maxFieldsSize what one `fields` may hold, bytes
 */
export function outgoingHttp(start: StartHttpThread, maxFieldsSize = MAX_FIELDS_SIZE): MakeHttp {
  return (host) => {
    const client = new HttpClient(host.poll, start);
    const limits = { maxFieldsSize, buffer: host.machine.buffer };
    return {
      "wasi:http/types@0.2.12": httpTypes(host, maxFieldsSize),
      "wasi:http/outgoing-handler@0.2.12": outgoingHandler(host, client, limits),
    };
  };
}
