import type { HostImports } from "../../component/host.ts";
import type { WasiHost } from "../host.ts";
import { preopens } from "./preopens.ts";
import { filesystemTypes } from "./types.ts";

/** `wasi:filesystem` */
export function filesystemImports(host: WasiHost): HostImports {
  return {
    "wasi:filesystem/preopens@0.2.12": preopens(host),
    "wasi:filesystem/types@0.2.12": filesystemTypes(host),
  };
}
