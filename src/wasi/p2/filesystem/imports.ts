import type { WasiHost } from "../../host.ts";
import { madeOf } from "../../interfaces.ts";
import { preopens } from "../../preopens.ts";
import { p2 } from "../../versions.ts";
import { filesystemTypes } from "./types.ts";

/** Makes `wasi:filesystem` 0.2. */
export const filesystemImports = madeOf<WasiHost>(p2, {
  "wasi:filesystem/preopens": preopens,
  "wasi:filesystem/types": filesystemTypes,
});
