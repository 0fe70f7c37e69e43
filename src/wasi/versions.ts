/**
 * The versions of WASI that Pollux implements. Each stands for all versions that are compatible with it (`compatible`
 * in component/types/names.ts): 0.2.0 for any 0.2.x.
 */
import { compatible, splitVersion } from "../component/types/names.ts";

/** The short names of WASI 0.2 and 0.3. */
export const P2_TRACK = "0.2";
export const P3_TRACK = "0.3";

const P2 = "0.2.12";
const P3 = "0.3.2";

/** The packages of WASI 0.2 that have a version of their own. */
const ownVersions: ReadonlyMap<string, string> = new Map([["wasi:config", "0.2.0-rc.1"]]);

/** Returns the full name of an interface of WASI 0.2: `wasi:io/poll@0.2.12` for `wasi:io/poll`. */
export function p2(name: string): string {
  const packageName = name.slice(0, name.indexOf("/"));
  return `${name}@${ownVersions.get(packageName) ?? P2}`;
}

/** Returns the full name of an interface of WASI 0.3: `wasi:cli/stdin@0.3.2` for `wasi:cli/stdin`. */
export function p3(name: string): string {
  return `${name}@${P3}`;
}

/** Returns an interface's full name; one without a version belongs to 0.2. */
export function versioned(name: string): string {
  const { base, version } = splitVersion(name);
  return version === undefined ? p2(base) : name;
}

/** Returns whether an interface belongs to a version of WASI. @param full `p2` or `p3` */
export function isOf(full: (name: string) => string, name: string): boolean {
  return compatible(versioned(name), full(splitVersion(name).base));
}
