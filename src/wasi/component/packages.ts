import type { ComponentType } from "../../component/types/types.ts";
import { closedNetwork, type MakePolicy } from "../../core/policy/network.ts";
import type { MakeImports } from "../host.ts";
import { importsOf } from "../imports-of.ts";
import { loadP2 } from "../p2/packages.ts";
import { p3 } from "../versions.ts";

/**
 * Loads what a component imports of WASI, of each of its versions; `wasi:http` apart, which must be asked for.
 *
 * @param hasP3 Whether there is a WASI 0.3 for it
 */
export async function loadPackages(type: ComponentType, hasP3 = true): Promise<MakeImports[]> {
  const made = await loadP2(type);
  if (hasP3 && importsOf(type, "wasi", p3)) made.push(...(await (await import("../p3/packages.ts")).loadP3(type)));
  return made;
}

/** Loads what makes the policy of a guest. @param asked Whether anything that it has asks the policy */
export async function loadPolicy(asked: boolean): Promise<MakePolicy> {
  return asked ? (await import("../../core/policy/network-policy.ts")).guestPolicy : () => closedNetwork;
}
