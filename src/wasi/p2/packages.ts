import type { ComponentType } from "../../component/types/types.ts";
import { closedNetwork, type MakePolicy } from "../../core/policy/network.ts";
import type { MakeImports } from "../host.ts";
import { basicImports } from "./imports.ts";

/** Whether a component imports anything of a WASI package, `wasi:sockets` say. */
export function importsOf({ imports }: ComponentType, name: string): boolean {
  for (const imported of imports.keys()) if (imported.startsWith(`${name}/`)) return true;
  return false;
}

/** Loads what a component imports of WASI, `wasi:http` apart, which must be asked for. */
export async function loadPackages(type: ComponentType): Promise<MakeImports[]> {
  const made: MakeImports[] = [basicImports];
  if (importsOf(type, "wasi:sockets")) made.push((await import("./sockets/imports.ts")).socketsImports);
  if (importsOf(type, "wasi:filesystem")) made.push((await import("./filesystem/imports.ts")).filesystemImports);
  return made;
}

/** Loads what makes the policy of a guest. @param asked Whether anything that it has asks the policy */
export async function loadPolicy(asked: boolean): Promise<MakePolicy> {
  return asked ? (await import("../../core/policy/network-policy.ts")).guestPolicy : () => closedNetwork;
}
