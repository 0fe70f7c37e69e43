import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { findUse, type InstructionProposal, type Use } from "../../src/wasm/proposals.ts";
import { binary } from "../component/text.ts";

const zero = "(v128.const i64x2 0 0)";
const wide = "(drop (drop (i64.add128 (i64.const 1) (i64.const 1) (i64.const 1) (i64.const 1))))";
const relaxed = `(drop (i8x16.relaxed_swizzle ${zero} ${zero}))`;
const all: readonly InstructionProposal[] = ["relaxed-simd", "tail-call", "wide-arithmetic"];

const cases: readonly (readonly [
  text: string,
  off: readonly InstructionProposal[],
  Omit<Use, "offset"> | undefined,
])[] = [
  [`(func ${relaxed})`, all, { words: "relaxed SIMD", func: 0, name: undefined }],
  [
    `(import "h" "f" (func)) (func) (func $third ${relaxed})`,
    ["relaxed-simd"],
    { words: "relaxed SIMD", func: 2, name: "third" },
  ],
  [`(func ${relaxed})`, ["tail-call", "wide-arithmetic"], undefined],
  [`(func (drop (i8x16.swizzle ${zero} ${zero})))`, all, undefined],
  ["(func $f (return_call $f))", all, { words: "tail calls", func: 0, name: "f" }],
  [
    "(type $t (func)) (table 1 funcref) (func (return_call_indirect (type $t) (i32.const 0)))",
    all,
    { words: "tail calls", func: 0, name: undefined },
  ],
  [`(func ${wide})`, all, { words: "wide arithmetic", func: 0, name: undefined }],
  [`(func $a ${wide} ${relaxed})`, ["relaxed-simd"], { words: "relaxed SIMD", func: 0, name: "a" }],
  ["(memory 1)", all, undefined],
];

describe("findUse", () => {
  for (const [text, off, expected] of cases) {
    it(`${text} without ${off.join(", ")}`, async () => {
      const bytes = await binary(`(module ${text})`);
      const use = findUse(bytes, off);
      if (use === undefined || expected === undefined) return assert.equal(use, expected);
      const { offset, ...rest } = use;
      assert.deepEqual(rest, expected);
      assert.ok([0xfc, 0xfd, 0x12, 0x13].includes(bytes[offset]!));
    });
  }
});
