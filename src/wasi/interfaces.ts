import type { HostImports, HostInstance } from "../component/host.ts";
import { splitVersion } from "../component/types/names.ts";
import type { ComponentType } from "../component/types/types.ts";
import { isOf, p2, p3 } from "./versions.ts";

/** What makes an interface for a guest; it makes none where the guest has none. */
export type MakeInterface<Host> = (host: Host) => HostInstance | undefined;

/** Interfaces by their names without the version. */
export type Interfaces<Host> = Readonly<Record<string, MakeInterface<Host>>>;

/** Full names of interfaces (versions.ts). Undefined: all. */
export type Wanted = ReadonlySet<string> | undefined;

/** Makes those of the interfaces that are wanted, under their full names. @param full `p2` or `p3` */
export function madeOf<Host>(
  full: (name: string) => string,
  interfaces: Interfaces<Host>,
): (host: Host, wanted?: Wanted) => HostImports {
  return (host, wanted) => {
    const made: Record<string, HostInstance> = {};
    for (const [base, make] of Object.entries(interfaces)) {
      const name = full(base);
      if (wanted !== undefined && !wanted.has(name)) continue;
      const instance = make(host);
      if (instance !== undefined) made[name] = instance;
    }
    return made;
  };
}

/** The interfaces of WASI that a component imports. @param has Which of them it may have, by the names that it has for them; all unless given */
export function wantedBy({ imports }: ComponentType, has: (name: string) => boolean = () => true): Wanted {
  const wanted = new Set<string>();
  for (const name of imports.keys()) {
    if (!name.includes("/") || !has(name)) continue;
    const { base } = splitVersion(name);
    for (const full of [p2, p3]) if (isOf(full, name)) wanted.add(full(base));
  }
  return wanted;
}
