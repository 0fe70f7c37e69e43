import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isPath, isPathOrRelative, wirePath } from "../../../src/wasi/http/request-target.ts";

const paths: readonly (readonly [path: string, isPath: boolean, orRelative: boolean, wire?: string])[] = [
  ["", true, true, "/"],
  ["/", true, true, "/"],
  ["/a/../b?c#d", true, true, "/a/../b?c"],
  ["?a", true, true, "/?a"],
  ["/\u{e9}", true, true, "/\xc3\xa9"],
  ["a/b/c", false, true, "/a/b/c"],
  ["../..", false, true, "/../.."],
  ["*", false, true, "/*"],
  ["#a", false, false],
  ["a b", false, false],
  ["/a b", false, false],
  ["a\r\nb: c", false, false],
  ["/a\r\nb: c", false, false],
  ["/a#b\nc", true, true, "/a"],
  ["/\x00", false, false],
  ["/\x7f", false, false],
  [`/${"a".repeat(65_534)}`, false, false],
  ["a".repeat(65_535), false, false],
];

describe("the path of a request", () => {
  for (const [path, absolute, orRelative, wire] of paths) {
    it(JSON.stringify(path.slice(0, 20)), () => {
      assert.equal(isPath(path), absolute, "0.2");
      assert.equal(isPathOrRelative(path), orRelative, "0.3");
      if (wire !== undefined) assert.equal(wirePath(path), wire);
    });
  }
});
