import type { HostInstance } from "../../../component/host.ts";
import type { WasiHost } from "../../host.ts";

/** `wasi:cli/environment` */
export function environment({ args, env, cwd }: WasiHost): HostInstance {
  return {
    "get-environment": () => env,
    "get-arguments": () => args,
    "get-initial-cwd": () => cwd,
  };
}
