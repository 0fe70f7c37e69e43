/** -Shttp. Loaded only when asked for. */

import { unseenByRequests } from "../../core/policy/network-policy.ts";
import type { Machine } from "../../machine/machine.ts";
import type { MakeImports } from "../../wasi/host.ts";
import { outgoingHttp } from "../../wasi/p2/http/imports.ts";
import type { Settings } from "../options/settings.ts";
import { UsageError } from "../options/usage.ts";
import { Failure } from "../output/failure.ts";

/** @throws UsageError for a rule that could not be kept; Failure where the machine has no HTTP */
export async function loadHttp(machine: Machine, { wasi, allowNet, denyNet }: Settings): Promise<MakeImports> {
  const unseen = unseenByRequests({ allow: allowNet, deny: denyNet });
  if (unseen !== undefined) throw new UsageError(`--deny-net ${unseen}`);
  const start = await machine.loadHttp?.();
  if (start === undefined)
    throw new Failure("-Shttp needs --net=posix: guests on the runtime's own sockets cannot wait for responses");
  const most = wasi["max-http-fields-size"];
  return outgoingHttp(start, most === undefined ? undefined : Number(most));
}
