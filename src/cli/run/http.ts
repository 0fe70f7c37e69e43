/** -Shttp. Loaded only when asked for. */

import type { Machine } from "../../machine/machine.ts";
import type { MakeImports } from "../../wasi/host.ts";
import { outgoingHttp } from "../../wasi/p2/http/imports.ts";
import type { Settings } from "../options/settings.ts";

export async function loadHttp(machine: Machine, { wasi }: Settings): Promise<MakeImports> {
  const most = wasi["max-http-fields-size"];
  return outgoingHttp(await machine.loadTls?.(), most === undefined ? undefined : Number(most));
}
