/** The runtimes that the npm package is for, as the workspace has them. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

export const root = join(import.meta.dirname, "../..");

export const bun = join(root, "node_modules/.bin/bun");
export const deno = join(root, "node_modules/.bin/deno");

export interface Node {
  readonly major: number;
  readonly path: string;
  /** Why its tests are skipped; false: it is there. */
  readonly skip: string | false;
}

/** The oldest on which the launcher starts the binary, the oldest that has the library, the oldest that runs guests, one with FFI. */
export const nodes: readonly Node[] = [20, 22, 24, 26].map((major) => {
  const name = major === 26 ? "node" : `node${major}`;
  const path = join(root, "node_modules", name, "bin/node");
  return { major, path, skip: existsSync(path) ? false : `no node_modules/${name}: npm ci installs it` };
});

export function nodeOf(wanted: number): Node {
  return nodes.find(({ major }) => major === wanted)!;
}

/** Why what starts them all need not run: once is enough; false: it runs. */
export const once: string | false =
  (process.versions["bun"] !== undefined || process.versions["deno"] !== undefined) &&
  "once is enough: on Node, it runs Bun and Deno too";

/** The same, and what it needs of the build. */
export const notBuilt: string | false =
  once ||
  (!(existsSync(join(root, "dist/pollux")) && existsSync(join(root, "dist/npm/bin/node/node.js"))) &&
    "no dist/pollux and dist/npm: npm run build makes them");
