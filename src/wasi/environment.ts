import type { HostInstance } from "../component/host.ts";
import type { WasiHost } from "./host.ts";

/** `wasi:cli/environment`, the same in every version but for a name. @param initialCwd `initial-cwd`, as the version has it */
export function environment({ args, env, cwd }: WasiHost, initialCwd: string): HostInstance {
  return {
    "get-environment": () => env,
    "get-arguments": () => args,
    [initialCwd]: () => cwd,
  };
}
