/** What each runtime's programs import: of the adapters, only the runtime's own files and those that are shared. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, it } from "node:test";

const root = join(import.meta.dirname, "../..");

/** What stays in the compiled program: not the types; `import()` of a literal too. */
const imported = /^(?:import|export) (?!type\b)[^"]*?from "(\.[^"]+)"|^import "(\.[^"]+)"|\bimport\("(\.[^"]+)"\)/gm;

/** The adapters' files that `entries` reach, by their paths. */
function adaptersOf(entries: readonly string[]): readonly string[] {
  const files = new Set(entries.map((entry) => join(root, entry)));
  for (const file of files) {
    for (const [, from, bare, lazy] of readFileSync(file, "utf8").matchAll(imported)) {
      files.add(join(dirname(file), (from ?? bare ?? lazy)!));
    }
  }
  return [...files].map((file) => relative(root, file)).filter((file) => file.startsWith("src/adapters/"));
}

/** Deno has no UDP of its own without --unstable-net: Node's, which it has, is its too. */
const theirs: Readonly<Record<string, RegExp>> = {
  bun: /(^|\/)(node|deno)\b/,
  deno: /(^|\/)(bun\b|node\b(?!\/udp\.ts))/,
  node: /(^|\/)(bun|deno)\b/,
};

describe("the import graph", () => {
  for (const [runtime, foreign] of Object.entries(theirs)) {
    it(`of ${runtime} reaches no other runtime's adapter`, () => {
      const entries = ["", "-waiter", "-watchdog"].map((part) => `bin/${runtime}${part}.ts`);
      const found = adaptersOf([...entries, `src/adapters/${runtime}.ts`]);
      for (const own of [`${runtime}.ts`, `evented/${runtime}/tcp.ts`, "posix/wait/waiter.ts", "tls/thread.ts"]) {
        assert.ok(found.includes(`src/adapters/${own}`), `${own} is reached`);
      }
      assert.deepEqual(
        found.filter((file) => foreign.test(relative("src/adapters", file))),
        [],
      );
    });
  }
});
