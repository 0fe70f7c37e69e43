import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { splitPath, withoutSlashes } from "../../../src/adapters/posix/files/path.ts";

describe("the last component of a path", () => {
  const paths: readonly (readonly [string, string, string])[] = [
    ["a", "", "a"],
    [".", "", "."],
    ["a/b", "a/", "b"],
    ["a//b", "a//", "b"],
    ["../a", "../", "a"],
    ["/a", "/", "a"],
    ["/", "/", "."],
    ["a/", "a/", "."],
    ["a/.", "a/.", "."],
    ["..", "..", "."],
    ["a/..", "a/..", "."],
    ["...", "", "..."],
    ["a/..b", "a/", "..b"],
  ];
  for (const [path, parent, name] of paths) {
    it(`${path} is ${name} in ${JSON.stringify(parent)}`, () => {
      assert.deepEqual(splitPath(path), { parent, name });
    });
  }

  it("the empty path has none", () => {
    assert.equal(splitPath(""), undefined);
  });

  it("is never `..` and never has a slash", () => {
    const part = fc.constantFrom("a", ".", "..", "/", "//", "", "é");
    fc.assert(
      fc.property(fc.array(part, { minLength: 1 }), (parts) => {
        const split = splitPath(parts.join(""));
        return split === undefined || (split.name !== ".." && split.name !== "" && !split.name.includes("/"));
      }),
    );
  });

  for (const [path, without] of [
    ["a/", "a"],
    ["a/b//", "a/b"],
    ["a", "a"],
    ["/", "/"],
    ["//", "/"],
    ["", ""],
    ["a\n/", "a\n"],
  ] as const) {
    it(`${JSON.stringify(path)} without the slashes at its end is ${JSON.stringify(without)}`, () => {
      assert.equal(withoutSlashes(path), without);
    });
  }
});
