import type { WasiHost } from "../../host.ts";
import { madeOf } from "../../interfaces.ts";
import { p3 } from "../../versions.ts";
import { ipNameLookup } from "./ip-name-lookup.ts";
import { types } from "./types.ts";

/** Makes `wasi:sockets` 0.3. */
export const socketsImports = madeOf<WasiHost>(p3, {
  "wasi:sockets/types": types,
  "wasi:sockets/ip-name-lookup": ipNameLookup,
});
