import type { HostImports, HostInstance } from "../component/host.ts";
import { splitVersion } from "../component/types/names.ts";
import type { ComponentType } from "../component/types/types.ts";
import { isOf, p2, p3 } from "./versions.ts";

/** Makes an interface for a guest; undefined if this guest does not get it. */
export type MakeInterface<Host> = (host: Host) => HostInstance | undefined;

/** Interfaces by name, without the version. */
export type Interfaces<Host> = Readonly<Record<string, MakeInterface<Host>>>;

/** The full names of the interfaces to make (versions.ts); undefined means all. */
export type Wanted = ReadonlySet<string> | undefined;

/** Returns a function that makes the wanted interfaces under their full names. @param full `p2` or `p3` */
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

/**
 * Returns the full names of the WASI interfaces that a component imports.
 *
 * @param has whether it may have an interface, by the name it imports; default: all
 */
export function wantedBy({ imports }: ComponentType, has: (name: string) => boolean = () => true): Wanted {
  const wanted = new Set<string>();
  for (const name of imports.keys()) {
    if (!name.includes("/") || !has(name)) continue;
    const { base } = splitVersion(name);
    for (const full of [p2, p3]) if (isOf(full, name)) wanted.add(full(base));
  }
  return wanted;
}
