/** Tables of types as text (table.ts), and what they are compared to, of what WASI 0.2 does not have. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { prims, readable, result, tuple, variant } from "../../../src/component/types/layout.ts";
import type { FuncType, ValType } from "../../../src/component/types/types.ts";
import { isFunction } from "../../../src/wasi/types/table.ts";
import { Resources, TypeReader } from "../../../src/wasi/types/type-reader.ts";
import { importMismatch } from "../../../src/wasi/types/typecheck.ts";

const reader = new TypeReader([{ "a:b/c": { "error-code": "variant { other(u8) }" } }], new Resources());
const errorCode = variant([{ name: "other", type: prims.u8 }]);
const func = (async: boolean, params: readonly ValType[], returned: ValType | undefined): FuncType => ({
  async,
  params: params.map((type) => ({ name: "", type })),
  result: returned,
});

describe("a function as text", () => {
  const texts: readonly (readonly [string, FuncType])[] = [
    ["async ()", func(true, [], undefined)],
    ["async (u64) -> result", func(true, [prims.u64], result(undefined, undefined))],
    ["()", func(false, [], undefined)],
    [
      "(stream<u8>) -> future<result<_, error-code>>",
      func(false, [readable("stream", prims.u8)], readable("future", result(undefined, errorCode))),
    ],
    ["(stream, future)", func(false, [readable("stream", undefined), readable("future", undefined)], undefined)],
    [
      "() -> tuple<stream<u8>, future>",
      func(false, [], tuple([readable("stream", prims.u8), readable("future", undefined)])),
    ],
  ];
  for (const [text, expected] of texts) {
    it(text, () => {
      assert.ok(isFunction(text));
      assert.deepEqual(reader.func("f", text), expected);
    });
  }

  it("no other item is one", () => {
    for (const text of ["resource", "stream<u8>", "variant { async, b }", "record { async: u8 }"]) {
      assert.equal(isFunction(text), false, text);
    }
  });
});

describe("a function that a host has, and the one that is imported", () => {
  /** Both as text, and what wasmtime 48.0.8 says of them. */
  const pairs: readonly (readonly [string, string, readonly (string | RegExp)[]])[] = [
    ["async (u64)", "async (u64)", []],
    ["async (u64)", "(u64)", [/^type mismatch with async: this import's WIT type is a plain/]],
    ["(u64)", "async (u64)", [/^type mismatch with async: this import is declared `async func`/]],
    ["(stream<u8>)", "(stream<u8>)", []],
    ["(stream<u8>)", "(u32)", ["type mismatch with parameters", "expected `stream`, found `u32`"]],
    ["(stream<u8>)", "(stream)", ["type mismatch with parameters", "future payload types differ"]],
    ["(stream<u8>)", "(stream<u16>)", ["type mismatch with parameters", "expected `u8` found `u16`"]],
    ["() -> future<result>", "() -> future<u8>", ["type mismatch with results", "expected `result` found `u8`"]],
    ["() -> future", "() -> future<u8>", ["type mismatch with results", "expected `tuple` found `u8`"]],
    ["() -> future", "() -> stream", ["type mismatch with results", "expected `future`, found `stream`"]],
    ["() -> future", "() -> future", []],
  ];
  for (const [host, imported, causes] of pairs) {
    it(`${host}, ${imported}`, () => {
      const found = importMismatch(reader.func("f", imported), reader.func("f", host), () => false);
      assert.equal(found.length, causes.length, found.join());
      for (const [i, cause] of causes.entries()) {
        if (typeof cause === "string") assert.equal(found[i], cause);
        else assert.match(found[i] ?? "", cause);
      }
    });
  }
});
