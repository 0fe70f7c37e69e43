import type { Row } from "../row.ts";
import { commandRows } from "./commands.ts";
import { engineRows } from "./engine.ts";
import { flagRows } from "./flags.ts";
import type { Places } from "./places.ts";
import { serveRows } from "./serve.ts";
import { wasiRows } from "./wasi.ts";
import { wasmRows } from "./wasm.ts";

export function allRows(places: Places): readonly Row[] {
  return [
    ...commandRows(places),
    ...flagRows(places),
    ...serveRows(places),
    ...wasiRows(places),
    ...wasmRows(places),
    ...engineRows(places),
  ];
}
