import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { differencesTable } from "./evented-differences.ts";

it("the table in docs/runtime-sockets.md is what the suite asserts", () => {
  const page = readFileSync(new URL("../../docs/runtime-sockets.md", import.meta.url), "utf8");
  assert.ok(page.includes(differencesTable()), `the page lacks:\n${differencesTable()}`);
});
