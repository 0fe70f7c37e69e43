import { compatible, splitVersion } from "../component/types/names.ts";
import type { ComponentType } from "../component/types/types.ts";
import { p2 } from "./versions.ts";

/**
 * Whether a component imports anything of a WASI package. A name without a version is one of 0.2.
 *
 * @param name `wasi:sockets`, say; `wasi` stands for all packages
 * @param full Of the version alone that this gives interfaces: `p2` or `p3`
 */
export function importsOf({ imports }: ComponentType, name: string, full?: (base: string) => string): boolean {
  const separator = name.includes(":") ? "/" : ":";
  for (const imported of imports.keys()) {
    if (!imported.startsWith(name + separator)) continue;
    if (full === undefined) return true;
    const { base, version } = splitVersion(imported);
    if (compatible(version === undefined ? p2(base) : imported, full(base))) return true;
  }
  return false;
}
