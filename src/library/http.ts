import type { Machine } from "../machine/machine.ts";
import type { MakeImports } from "../wasi/host.ts";

export async function loadHttp(machine: Machine): Promise<MakeImports> {
  const [{ outgoingHttp }, tls] = await Promise.all([import("../wasi/p2/http/imports.ts"), machine.loadTls?.()]);
  return outgoingHttp(tls);
}
