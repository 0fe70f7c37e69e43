/**
 * The versions of WASI that Pollux implements, the one table of them. Each stands for every version that is compatible with it
 * (component/types/names.ts, `compatible`): 0.2.0 to any 0.2.x.
 */
import { compatible, splitVersion } from "../component/types/names.ts";

/** The names that people have for WASI 0.2, and 0.3. */
export const P2_TRACK = "0.2";
export const P3_TRACK = "0.3";

const P2 = "0.2.12";
const P3 = "0.3.2";

/** Packages of WASI 0.2 that have a version of their own. */
const ownVersions: ReadonlyMap<string, string> = new Map([["wasi:config", "0.2.0-rc.1"]]);

/** An interface of WASI 0.2 under its full name. @param name `wasi:io/poll`; returns `wasi:io/poll@0.2.12` */
export function p2(name: string): string {
  const packageName = name.slice(0, name.indexOf("/"));
  return `${name}@${ownVersions.get(packageName) ?? P2}`;
}

/** An interface of WASI 0.3 under its full name. @param name `wasi:cli/stdin`; returns `wasi:cli/stdin@0.3.2` */
export function p3(name: string): string {
  return `${name}@${P3}`;
}

/** An interface under its full name: one without a version is of 0.2. */
export function versioned(name: string): string {
  const { base, version } = splitVersion(name);
  return version === undefined ? p2(base) : name;
}

/** Whether an interface is one of a version of WASI. @param full `p2` or `p3` */
export function isOf(full: (name: string) => string, name: string): boolean {
  return compatible(versioned(name), full(splitVersion(name).base));
}
