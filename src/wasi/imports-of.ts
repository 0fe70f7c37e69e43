import type { ComponentType } from "../component/types/types.ts";
import { isOf } from "./versions.ts";

/**
 * Whether a component imports anything of a WASI package.
 *
 * @param name `wasi:sockets`, say; `wasi` stands for all packages
 * @param full Of the version alone that this gives interfaces: `p2` or `p3`
 */
export function importsOf({ imports }: ComponentType, name: string, full?: (base: string) => string): boolean {
  const separator = name.includes(":") ? "/" : ":";
  for (const imported of imports.keys()) {
    if (!imported.startsWith(name + separator)) continue;
    if (full === undefined || isOf(full, imported)) return true;
  }
  return false;
}
