/** What a plain run does not need is not loaded with it: no static import leads there. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, it } from "node:test";

const root = join(import.meta.dirname, "../..");

/** The files that loading `file` loads. */
function loaded(file: string, found = new Set<string>()): Set<string> {
  if (found.has(file)) return found;
  found.add(file);
  for (const [, from = ""] of readFileSync(file, "utf8").matchAll(
    /^(?:import|export) (?!type\b)(?:[^;]*? from )?"(\.[^"]+)";/gm,
  ))
    loaded(join(dirname(file), from), found);
  return found;
}

describe("a plain run", () => {
  const files = [...loaded(join(root, "src/cli/main.ts"))].map((file) => relative(root, file));

  it("loads what runs a component", () => {
    assert.ok(files.includes("src/component/trampolines.ts"), files.join());
  });

  for (const [option, lazy] of [
    ["--trace", "src/cli/trace.ts"],
    ["--trace", "src/trace/tracer.ts"],
    ["--stats", "src/cli/stats.ts"],
    ["--watch", "src/cli/watch.ts"],
    ["--watch", "src/cli/watch-standby.ts"],
  ] as const) {
    it(`does not load ${lazy}, which ${option} needs`, () => {
      assert.ok(existsSync(join(root, lazy)));
      assert.ok(!files.includes(lazy));
    });
  }

  it("loads nothing of src/trace", () => {
    assert.deepEqual(
      files.filter((file) => file.startsWith("src/trace/")),
      [],
    );
  });
});
