import type { HostImports } from "../../../component/host.ts";
import type { WasiHost } from "../../host.ts";
import { p3 } from "../../versions.ts";
import { ipNameLookup } from "./ip-name-lookup.ts";
import { types } from "./types.ts";

/** `wasi:sockets` */
export function socketsImports(host: WasiHost): HostImports {
  return {
    [p3("wasi:sockets/types")]: types(host),
    [p3("wasi:sockets/ip-name-lookup")]: ipNameLookup(host),
  };
}
