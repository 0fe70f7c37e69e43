import type { HostImports } from "../../../component/host.ts";
import type { WasiHost } from "../../host.ts";
import { p2 } from "../../versions.ts";
import { preopens } from "./preopens.ts";
import { filesystemTypes } from "./types.ts";

/** `wasi:filesystem` */
export function filesystemImports(host: WasiHost): HostImports {
  return {
    [p2("wasi:filesystem/preopens")]: preopens(host),
    [p2("wasi:filesystem/types")]: filesystemTypes(host),
  };
}
