import type { ComponentType } from "../../component/types/types.ts";
import type { MakeImports } from "../host.ts";
import { basicImports } from "./imports.ts";

/** Loads what a component imports of WASI 0.3. */
export async function loadP3(_type: ComponentType): Promise<MakeImports[]> {
  return [basicImports];
}
