import type { HostInstance } from "../component/host.ts";
import type { WasiHost } from "./host.ts";

/**
 * Makes `wasi:cli/environment`, the same in every version but for one name.
 *
 * @param initialCwd that version's name of `initial-cwd`
 */
export function environment({ args, env, cwd }: WasiHost, initialCwd: string): HostInstance {
  return {
    "get-environment": () => env,
    "get-arguments": () => args,
    [initialCwd]: () => cwd,
  };
}
