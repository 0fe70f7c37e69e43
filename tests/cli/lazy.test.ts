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
  const paths = [...loaded(join(root, "src/cli/main.ts"))];
  const files = paths.map((file) => relative(root, file));

  it("loads what runs a component", () => {
    assert.ok(files.includes("src/component/abi/trampolines.ts"), files.join());
  });

  for (const [option, lazy] of [
    ["--trace", "src/cli/run/trace.ts"],
    ["--trace", "src/trace/tracer.ts"],
    ["--stats", "src/cli/stats/stats.ts"],
    ["--watch", "src/cli/watch/watch.ts"],
    ["--watch", "src/cli/watch/watch-standby.ts"],
    ["pollux new", "src/cli/new/new.ts"],
    ["pollux dev", "src/cli/dev/dev.ts"],
    ["pollux self-test", "src/cli/self-test/self-test.ts"],
    ["a failure", "src/cli/report/report.ts"],
    ["a trap", "src/cli/report/backtrace.ts"],
    ["a component that is not in the cache", "src/component/binary/parse.ts"],
    ["a component that is not in the cache", "src/wasi/component/mistyped.ts"],
    ["a component that is not in the cache", "src/cli/run/private-folder.ts"],
    ["-W max-memory-size", "src/wasm/limits/limit-module.ts"],
    ["component model async", "src/component/link/async-support.ts"],
    ["a core module", "src/run/module-linker.ts"],
  ] as const) {
    it(`does not load ${lazy}, which ${option} needs`, () => {
      assert.ok(existsSync(join(root, lazy)));
      assert.ok(!files.includes(lazy));
    });
  }

  for (const folder of [
    "src/trace/",
    "src/component/async/",
    "src/wasi/p1/",
    "src/wasi/p3/",
    "src/inspect/",
    "src/wave/",
    "src/net/",
    "src/demangle/",
  ]) {
    it(`loads nothing of ${folder}`, () => {
      assert.deepEqual(
        files.filter((file) => file.startsWith(folder)),
        [],
      );
    });
  }

  it("imports nothing of node: but node:process (node:fs takes 1.3 ms in the standalone binary)", () => {
    const imports = paths.flatMap((file) =>
      [...readFileSync(file, "utf8").matchAll(/^import (?!type\b).*"(node:[^"]+)";/gm)].map(([, name]) => name),
    );
    assert.deepEqual([...new Set(imports)], ["node:process"]);
  });
});
