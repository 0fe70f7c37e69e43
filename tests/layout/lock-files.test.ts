/** Lock files and package settings name no registry: npm's own settings do. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";

const root = join(import.meta.dirname, "../..");

describe("lock files", () => {
  for (const file of ["package-lock.json", "docs/site/package-lock.json"]) {
    it(`${file} has no addresses, and a checksum for each package of every machine`, () => {
      const text = readFileSync(join(root, file), "utf8");
      assert.deepEqual(text.match(/\b[a-z+]+:\/\/[^"]*/g), null);
      const { packages }: { packages: Record<string, { integrity?: string; optional?: boolean }> } = JSON.parse(text);
      const own = Object.entries(packages).filter(([path]) => path !== "");
      assert.ok(own.length > 10);
      assert.deepEqual(
        own.filter(([, { integrity, optional }]) => integrity === undefined && optional !== true),
        [],
      );
    });
  }
});
