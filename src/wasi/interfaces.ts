import type { HostImports, HostInstance } from "../component/host.ts";
import { splitVersion } from "../component/types/names.ts";
import type { ComponentType } from "../component/types/types.ts";
import { isOf, p2, p3 } from "./versions.ts";

/** What makes an interface for a guest; it makes none where the guest has none. */
export type MakeInterface<Host> = (host: Host) => HostInstance | undefined;

/** Interfaces by their full names. */
export type Interfaces<Host> = Readonly<Record<string, MakeInterface<Host>>>;

/** Full names of interfaces (versions.ts). Undefined: all. */
export type Wanted = ReadonlySet<string> | undefined;

/** Makes those of the interfaces that are wanted. */
export function madeOf<Host>(interfaces: Interfaces<Host>): (host: Host, wanted?: Wanted) => HostImports {
  const all = Object.entries(interfaces);
  return (host, wanted) => {
    const made: Record<string, HostInstance> = {};
    for (const [name, make] of all) {
      if (wanted !== undefined && !wanted.has(name)) continue;
      const instance = make(host);
      if (instance !== undefined) made[name] = instance;
    }
    return made;
  };
}

/** Interfaces that are the same in every version, as one has them. @param full `p2` or `p3` */
export function named<T>(full: (name: string) => string, interfaces: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(interfaces).map(([name, each]) => [full(name), each]));
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
