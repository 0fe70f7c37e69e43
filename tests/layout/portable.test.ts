/** What the library loads where it runs on no runtime of ours: a browser's worker. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { importsOf, type Sources } from "./import-graph.ts";

const root = join(import.meta.dirname, "../..");
const sources: Sources = new Map(
  globSync("src/**/*.ts", { cwd: root }).map((file) => [
    file.replaceAll("\\", "/"),
    readFileSync(join(root, file), "utf8"),
  ]),
);

/** What is loaded on these alone. */
const runtimes: ReadonlySet<string> = new Set(["bun", "deno", "node"].map((name) => `src/adapters/${name}.ts`));

function reachable(from: string): Set<string> {
  const imports = importsOf(sources).filter(({ typeOnly, to }) => !typeOnly && !runtimes.has(to));
  const found = new Set([from]);
  for (const file of found) for (const { from: importer, to } of imports) if (importer === file) found.add(to);
  return found;
}

describe("all that src/index.ts loads without a runtime's adapter", () => {
  it("imports no module of a runtime, but to read files", () => {
    const foreign = [...reachable("src/index.ts")].flatMap((file) =>
      [...sources.get(file)!.matchAll(/\b(?:from|import)\s*\(?"((?:node|bun):[^"]+)"/g)].map(([, name]) => [
        file,
        name,
      ]),
    );
    assert.deepEqual(foreign, [["src/library/source.ts", "node:fs/promises"]]);
  });
});
