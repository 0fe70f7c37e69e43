import type { ComponentType } from "../component/types/types.ts";
import { isOf } from "./versions.ts";

/**
 * Returns whether a component imports anything of a WASI package.
 *
 * @param name such as `wasi:sockets`; `wasi` stands for all packages
 * @param full `p2` or `p3`, to count imports of that version only
 */
export function importsPackage({ imports }: ComponentType, name: string, full?: (base: string) => string): boolean {
  const separator = name.includes(":") ? "/" : ":";
  for (const imported of imports.keys()) {
    if (!imported.startsWith(name + separator)) continue;
    if (full === undefined || isOf(full, imported)) return true;
  }
  return false;
}
