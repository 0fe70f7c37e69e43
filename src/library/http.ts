import type { NetworkRules } from "../core/policy/net-rule.ts";
import { unseenByRequests } from "../core/policy/network-policy.ts";
import type { Machine } from "../machine/machine.ts";
import type { MakeImports } from "../wasi/host.ts";

/** @throws Error for a rule that could not be kept, or where the machine has no HTTP */
export async function loadHttp(machine: Machine, rules: NetworkRules | undefined): Promise<MakeImports> {
  const unseen = rules && unseenByRequests(rules);
  if (unseen !== undefined) throw new Error(`network: deny ${unseen}`);
  const start = await machine.loadHttp?.();
  if (start === undefined) throw new Error("network: http is not supported on this machine");
  const { outgoingHttp } = await import("../wasi/p2/http/imports.ts");
  return outgoingHttp(start);
}
