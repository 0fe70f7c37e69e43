import type { ComponentType } from "../../component/types/types.ts";
import { closedNetwork, type MakePolicy } from "../../core/policy/network.ts";
import type { MakeImports } from "../host.ts";
import { importsPackage } from "../imports-package.ts";
import { loadP2 } from "../p2/packages.ts";
import { p3 } from "../versions.ts";

/**
 * Loads the WASI packages that a component imports, of each version, without `wasi:http`, which is granted separately.
 *
 * @param hasP3 whether the component gets WASI 0.3
 */
export async function loadPackages(type: ComponentType, hasP3 = true): Promise<MakeImports[]> {
  const made = await loadP2(type);
  if (hasP3 && importsPackage(type, "wasi", p3)) made.push(...(await (await import("../p3/packages.ts")).loadP3(type)));
  return made;
}

/** Loads the maker of a guest's network policy. @param asked whether any of its imports consults the policy */
export async function loadPolicy(asked: boolean): Promise<MakePolicy> {
  return asked ? (await import("../../core/policy/network-policy.ts")).guestPolicy : () => closedNetwork;
}
