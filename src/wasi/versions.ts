/**
 * The versions of WASI that Pollux implements, the one table of them. Each stands for every version that is compatible with it
 * (component/types/names.ts, `compatible`): 0.2.0 to any 0.2.x.
 */

/** What people call WASI 0.2. */
export const P2_TRACK = "0.2";

const P2 = "0.2.12";

/** Packages of WASI 0.2 that have a version of their own. */
const ownVersions: Readonly<Record<string, string>> = { "wasi:config": "0.2.0-rc.1" };

/** An interface of WASI 0.2 under its full name. @param name `wasi:io/poll`; returns `wasi:io/poll@0.2.12` */
export function p2(name: string): string {
  const [packageName = ""] = name.split("/");
  return `${name}@${Object.hasOwn(ownVersions, packageName) ? ownVersions[packageName] : P2}`;
}
