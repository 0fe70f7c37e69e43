import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { Failure } from "../../../src/cli/output/failure.ts";
import { requestHeaders } from "../../../src/cli/serve/request-headers.ts";

const directory = mkdtempSync(join(tmpdir(), "pollux-headers-"));
after(() => rmSync(directory, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

/** Names and values, these as text. */
function parsed(...given: readonly string[]): string[][] {
  return requestHeaders(given).map(([name, value]) => [name, new TextDecoder().decode(value)]);
}

describe("--header", () => {
  const good: readonly (readonly [given: string, name: string, value: string])[] = [
    ["a: b", "a", "b"],
    ["X-Forwarded-For:1.2.3.4", "x-forwarded-for", "1.2.3.4"],
    [" spaced \t: \t b c ", "spaced", "b c "],
    ["empty:", "empty", ""],
    ["a: b: c", "a", "b: c"],
    ["a: é\t~", "a", "é\t~"],
    ["!#$%&'*+-.^_`|~09: x", "!#$%&'*+-.^_`|~09", "x"],
  ];
  for (const [given, name, value] of good)
    it(JSON.stringify(given), () => assert.deepEqual(parsed(given), [[name, value]]));

  it("in order, repeats kept, lines of files where the files stand", () => {
    const path = file("good", "b: 1\r\n\n \t\nb:2\nc: 3");
    assert.deepEqual(parsed("a: 0", `@${path}`, "a: 4"), [
      ["a", "0"],
      ["b", "1"],
      ["b", "2"],
      ["c", "3"],
      ["a", "4"],
    ]);
  });

  const bad: readonly (readonly [given: string, message: string, cause?: string])[] = [
    ["a", "header `a` is missing `:`"],
    ["", "header `` is missing `:`"],
    [": b", "invalid header name in header `: b`", "invalid HTTP header name"],
    ["a b: c", "invalid header name in header `a b: c`", "invalid HTTP header name"],
    ["é: c", "invalid header name in header `é: c`", "invalid HTTP header name"],
    ["a: b\r\nc: d", "invalid header value in header `a: b\r\nc: d`", "failed to parse header value"],
    ["a: b\0", "invalid header value in header `a: b\0`", "failed to parse header value"],
    ["a: b\x7f", "invalid header value in header `a: b\x7f`", "failed to parse header value"],
    [
      `${"a".repeat(65_536)}: b`,
      `invalid header name in header \`${"a".repeat(65_536)}: b\``,
      "invalid HTTP header name",
    ],
    ["@/none/such", "failed to read header file `/none/such`", "No such file or directory (os error 2)"],
    ["@", "failed to read header file ``", "No such file or directory (os error 2)"],
    [`@${directory}`, `failed to read header file \`${directory}\``, "Is a directory (os error 21)"],
    [`@${file("bad", "a: b\nc\n")}`, "header `c` is missing `:`"],
    [
      `@${file("bytes", new Uint8Array([0x61, 0x3a, 0xff]))}`,
      `failed to read header file \`${join(directory, "bytes")}\``,
      "stream did not contain valid UTF-8",
    ],
  ];
  for (const [given, message, cause] of bad) {
    it(`refuses ${JSON.stringify(given).slice(0, 60)}`, () => {
      assert.throws(
        () => requestHeaders([given]),
        (error) => {
          assert.ok(error instanceof Failure);
          assert.deepEqual([error.message, error.causes], [message, cause === undefined ? [] : [cause]]);
          return true;
        },
      );
    });
  }
});
