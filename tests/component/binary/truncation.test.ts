import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { parseComponent } from "../../../src/component/binary/parse.ts";
import { CoreModuleError } from "../../../src/component/errors.ts";
import { ParseError } from "../../../src/wasm/errors.ts";

const guests = new URL("../../guests/", import.meta.url);

function read(name: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(new URL(name, guests)));
}

describe("what is no component", () => {
  it("hello.wasm cut at every offset: an error with its offset, or a component that is whole", () => {
    const bytes = read("hello.wasm");
    const whole: number[] = [];
    for (let size = 0; size < bytes.length; size++) {
      try {
        parseComponent(bytes.subarray(0, size));
        whole.push(size);
      } catch (error) {
        assert.ok(error instanceof ParseError, `cut at ${size}: ${String(error)}`);
        assert.ok(error.offset >= 0 && error.offset <= size, `cut at ${size}: offset ${error.offset}`);
        assert.match(error.message, / \(at offset 0x[0-9a-f]+\)$/);
      }
    }
    assert.ok(whole.length < 40, `${whole.length} prefixes are components`);
    assert.equal(whole[0], 8);
    parseComponent(bytes);
  });

  it("a core module is told apart", () => {
    const module = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00);
    assert.throws(() => parseComponent(module), CoreModuleError);
  });

  const cases: readonly (readonly [string, readonly number[], RegExp, number])[] = [
    ["empty", [], /unexpected end/, 0],
    ["text", [...new TextEncoder().encode("hello, world")], /bad magic number/, 0],
    ["a future version", [0, 0x61, 0x73, 0x6d, 0x0e, 0, 1, 0], /unknown component version: 0xe/, 4],
    ["an unknown section", [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, 63, 0], /malformed section id: 63/, 8],
    ["a section past the end", [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, 7, 5, 0], /unexpected end of section/, 10],
    [
      "a count past the end",
      [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, 7, 5, 0xff, 0xff, 0xff, 0xff, 0x0f],
      /exceeds what is left/,
      10,
    ],
    [
      "an error-context type",
      [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, 7, 2, 1, 0x64],
      /`error-context` requires the component model error-context feature/,
      11,
    ],
    ["a map type", [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, 7, 4, 1, 0x63, 0x79, 0x79], /`map` type is not supported/, 11],
    [
      "a thread.index",
      [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, 8, 2, 1, 0x26],
      /`thread.index` requires the component model threading feature/,
      11,
    ],
    ["a start section", [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, 9, 3, 0, 0, 0], /start sections are not supported/, 8],
  ];
  for (const [what, bytes, message, offset] of cases) {
    it(what, () => {
      assert.throws(
        () => parseComponent(Uint8Array.from(bytes)),
        (error) => error instanceof ParseError && message.test(error.message) && error.offset === offset,
      );
    });
  }
});
