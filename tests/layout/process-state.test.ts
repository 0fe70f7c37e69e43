/** The variables of modules that change: docs/ARCHITECTURE.md says of each why it is the process's. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";

const root = join(import.meta.dirname, "../..");

/** What never changes, or is a buffer. */
const inert = ["TextDecoder", "TextEncoder", "RegExp", "URL", "DataView", "Uint8Array", "Uint32Array", "Int32Array"];
const variables = [
  /^(?:export )?(?:let|var) (\w+)/gm,
  // One whose type is written as Readonly says itself that it does not change.
  new RegExp(
    `^(?:export )?const (\\w+)(?:: (?!Readonly)[^=]+)? = new (?!(?:${inert.join("|")}|Float64Array)\\b)`,
    "gm",
  ),
  /^(?:export )?const (\w+): (?!readonly )[^=]+ = (?:\[\]|\{\});/gm,
];

/** `folder/file.ts: name` of each variable of a module that may change. */
function stateOf(path: string, text: string): string[] {
  return variables.flatMap((pattern) => [...text.matchAll(pattern)].map(([, name]) => `${path}: ${name}`));
}

/** The rows `| `file`: `name`, `name` | reason |` of the document. */
function explained(markdown: string): string[] {
  const rows = [...markdown.matchAll(/^\| `([\w/.-]+\.ts)`: ((?:`\w+`(?:, )?)+) \|/gm)];
  return rows.flatMap(([, path, names = ""]) => [...names.matchAll(/`(\w+)`/g)].map(([, name]) => `${path}: ${name}`));
}

describe("the state of the process", () => {
  it("is what docs/ARCHITECTURE.md explains", () => {
    const found = globSync("**/*.ts", { cwd: join(root, "src") }).flatMap((file) =>
      stateOf(file.replaceAll("\\", "/"), readFileSync(join(root, "src", file), "utf8")),
    );
    assert.deepEqual(found.toSorted(), explained(readFileSync(join(root, "docs/ARCHITECTURE.md"), "utf8")).toSorted());
  });

  for (const [text, names] of [
    ["let count = 0;", ["count"]],
    ["export let open: Thing | undefined;", ["open"]],
    ["const all = new Map<string, number>();", ["all"]],
    ["export const turn = new Turn();", ["turn"]],
    ["const all: Waiter[] = [];", ["all"]],
    ["const kept: Set<string> = new Set();", ["kept"]],
    ["const names: ReadonlySet<string> = new Set([]);", []],
    ["const none: readonly string[] = [];", []],
    ["const decoder = new TextDecoder();", []],
    ["function f() {\n  let local = 0;\n}", []],
  ] as const) {
    it(`of \`${text.split("\n")[0]}\` is ${names.length === 0 ? "nothing" : names}`, () => {
      assert.deepEqual(
        stateOf("x.ts", text),
        names.map((name) => `x.ts: ${name}`),
      );
    });
  }
});
