import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { differencesTable } from "./evented-differences.ts";

it("README's table of the runtimes' own sockets is what the suite asserts", () => {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  assert.ok(readme.includes(differencesTable()), `README lacks:\n${differencesTable()}`);
});
