import { TlsClient } from "../../../core/http/client/tls.ts";
import { MAX_FIELDS_SIZE } from "../../../core/http/fields.ts";
import type { OpenTls } from "../../../machine/tls.ts";
import type { MakeImports } from "../../host.ts";
import { p2 } from "../../versions.ts";
import { outgoingHandler } from "./outgoing-handler.ts";
import { httpTypes } from "./types.ts";

/**
 * Outgoing requests. Nothing is started before the first, and what was started ends with the host's `Poll`.
 *
 * @param openTls from `Machine.loadTls`
 * @param maxFieldsSize what one `fields` may hold, bytes
 */
export function outgoingHttp(openTls: OpenTls | undefined, maxFieldsSize = MAX_FIELDS_SIZE): MakeImports {
  return (host) => {
    const { machine, poll, policy } = host;
    const tls = openTls && new TlsClient(poll, machine.buffer, openTls);
    return {
      [p2("wasi:http/types")]: httpTypes(host, maxFieldsSize),
      [p2("wasi:http/outgoing-handler")]: outgoingHandler({ machine, poll, policy, tls }, maxFieldsSize),
    };
  };
}
