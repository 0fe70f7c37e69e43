import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { demangle } from "../../src/demangle/demangle.ts";

describe("a name of the legacy mangling", () => {
  const cases: readonly (readonly [string, string])[] = [
    // What rustc made of functions of a crate `kitchen`.
    ["_ZN7kitchen3all17h0123456789abcdefE", "kitchen::all::h0123456789abcdef"],
    ["_ZN7kitchen10C$LT$_$GT$4show17h0073da50b70b00c2E", "kitchen::C<_>::show::h0073da50b70b00c2"],
    [
      "_ZN58_$LT$kitchen..Of$LT$u8$GT$$u20$as$u20$kitchen..Kitchen$GT$4cook17h30a19917299f146fE",
      "<kitchen::Of<u8> as kitchen::Kitchen>::cook::h30a19917299f146f",
    ],
    [
      "_ZN7kitchen3all28_$u7b$$u7b$closure$u7d$$u7d$17h89abcdef01234567E",
      "kitchen::all::{{closure}}::h89abcdef01234567",
    ],
    // Each escape.
    ["_ZN4$SP$4$BP$4$RF$4$LT$4$GT$4$LP$4$RP$3$C$E", "@::*::&::<::>::(::)::,"],
    ["_ZN12$u5b$u8$u5d$E", "[u8]"],
    ["_ZN7$u5317$E", "北"],
    ["_ZN6_$LT$aE", "<a"],
    ["_ZN5a.b..E", "a.b::"],
    ["_ZN6a...bcE", "a::.bc"],
    // What is no escape stays, and all after it.
    ["_ZN10a$XY$$LT$bE", "a$XY$$LT$b"],
    ["_ZN9$u5B$$LT$E", "$u5B$$LT$"],
    ["_ZN5$u1b$E", "$u1b$"],
    ["_ZN7$ud800$E", "$ud800$"],
    ["_ZN12$u100000041$E", "$u100000041$"],
    ["_ZN6a$b..cE", "a$b..c"],
    ["_ZN3$u$E", "$u$"],
    // Elements.
    ["_ZN1a0E", "a::"],
    ["_ZNE", ""],
    ["ZN1a1bE", "a::b"],
    ["__ZN1a1bE", "a::b"],
    // What LLVM adds.
    ["_ZN1a1bE.llvm.0123ABCDEF", "a::b"],
    ["_ZN1a1bE.llvm.7@@1", "a::b"],
    ["_ZN1a1bE.llvm.xyz", "a::b.llvm.xyz"],
    ["_ZN1a1bE.cold.1", "a::b.cold.1"],
  ];
  for (const [name, expected] of cases) it(`${name}: ${expected}`, () => assert.equal(demangle(name), expected));

  for (const name of [
    "",
    "_ZN",
    "_ZN1a",
    "_ZN2aE",
    "_ZNaE",
    "_ZN1a1bEv",
    "_ZN1a1bE.a b",
    "_ZN1a1bE.é",
    "_ZN2éE",
    "_ZN99999999999999999999aE",
    "_ZN1bv.llvm.1",
    "___ZN1aE",
    "_Z1av",
    "main",
  ]) {
    it(`${name || "nothing"}: as it is`, () => assert.equal(demangle(name), name));
  }
});
